namespace Unlearn.MLNet;

/// <summary>How long, and in which way, <see cref="HardnessSearch"/> searches.</summary>
public sealed record HardnessSearchOptions
{
    /// <summary>Time after which no further trial begins. What a resumed search read from its file takes none.</summary>
    /// <value>Default <see langword="null"/>: no limit; then <see cref="MostTrials"/> must be set.</value>
    public TimeSpan? Budget { get; init; }

    /// <summary>Number of different settings to try, the defaults included, from 1.</summary>
    /// <value>Default <see langword="null"/>: no limit; then <see cref="Budget"/> must be set.</value>
    public int? MostTrials { get; init; }

    /// <summary>Whether settings are drawn at random, instead of walking from cheap ones to better ones.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool DrawsAtRandom { get; init; }

    /// <summary>Number of folds, from 2. Groups never straddle two folds.</summary>
    /// <value>Default 5.</value>
    public int Folds { get; init; } = 5;

    /// <summary>Seed of folds, models and settings, from 0.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Number of models to train at once. It affects the running time alone.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>File that keeps each finished trial. A search that finds it goes on from there.</summary>
    /// <value>Default <see langword="null"/>: nothing is kept.</value>
    public string? JournalPath { get; init; }

    /// <exception cref="ArgumentException">An option is outside its range, or nothing limits the search.</exception>
    internal void Check()
    {
        if (Budget is null && MostTrials is null)
            throw new ArgumentException($"Nothing limits the search: set {nameof(Budget)}, {nameof(MostTrials)}, or both.");
        if (Budget <= TimeSpan.Zero)
            throw new ArgumentException($"A {nameof(Budget)} of {Budget} was asked for: it must be above zero.");
        if (MostTrials < 1)
            throw new ArgumentException($"{MostTrials} trials were asked for: ask for at least 1.");
        if (Seed < 0)
            throw new ArgumentException($"The seed {Seed} was asked for: it must be at least 0.");
    }
}
