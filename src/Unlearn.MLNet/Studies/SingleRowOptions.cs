namespace Unlearn.MLNet;

/// <summary>Which rows and unlearners a study also forgets one row at a time, to see whether groups tell the same of a row.</summary>
public sealed record SingleRowOptions
{
    /// <summary>Fewer rows than this say nothing of hard ones.</summary>
    public const int FewestRows = 50;

    /// <summary>Names of the unlearners, all of them among the study's.</summary>
    public required IReadOnlyList<string> Unlearners { get; init; }

    /// <summary>Number of rows, from <see cref="FewestRows"/>, spread evenly from the easiest to the hardest by the unlearner's group trials.</summary>
    /// <value>Default 300.</value>
    public int Rows { get; init; } = 300;

    /// <summary>How often each half of the trials forgets each of them, from 1.</summary>
    /// <value>Default 1.</value>
    public int Repetitions { get; init; } = 1;

    /// <exception cref="ArgumentException">An option is outside its range, or a name is not among the study's.</exception>
    internal void Check(IReadOnlyList<UnlearnerPlan> plans, int rows)
    {
        if (Rows < FewestRows || Rows > rows)
            throw new ArgumentException($"{Rows} single rows were asked for: ask for at least {FewestRows}, and at most the {rows} that there are.");
        if (Repetitions < 1)
            throw new ArgumentException($"{Repetitions} repetitions of single rows were asked for: ask for at least 1.");
        if (Unlearners.FirstOrDefault(name => !plans.Any(plan => plan.Unlearner.Name == name)) is { } missing)
            throw new ArgumentException(
                $"{missing} is to forget single rows, but the study has only {string.Join(", ", plans.Select(plan => plan.Unlearner.Name))}.");
    }
}
