using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.Labeling;

/// <summary>The result of trials that were added in rounds until they were enough.</summary>
internal sealed record AdaptiveResult
{
    /// <summary>Why the rounds ended.</summary>
    public required StopReason StoppedBy { get; init; }

    /// <summary>State of every unlearner at the end of every round.</summary>
    public required IReadOnlyList<AdaptiveRound> Rounds { get; init; }

    /// <summary>For each unlearner, the trials of the last round's plan and their results.</summary>
    public required IReadOnlyList<UnlearnerRun> Runs { get; init; }

    /// <summary>Scores of each unlearner.</summary>
    public required IReadOnlyList<HardnessScores> Scores { get; init; }

    /// <summary>Seconds of all trials, summed over the workers, earlier runs included.</summary>
    public required double Seconds { get; init; }

    /// <summary>The options of the run.</summary>
    public required AdaptiveOptions Options { get; init; }

    /// <summary>Describes in one line why the rounds ended, after how many trials, and how reliable the labels are.</summary>
    public string Describe()
    {
        var last = Rounds[^1].Round;
        var ceilings = string.Join(", ", Rounds.Where(round => round.Round == last).Select(round => Invariant($"{round.Unlearner} {round.Ceiling:0.000}")));
        var reason = StoppedBy switch
        {
            StopReason.Goal => Invariant($"every ceiling reached the goal of {Options.CeilingGoal:0.###}"),
            StopReason.Trials =>
                Invariant($"another round would take more than {Options.MaximumTrials} trials; the goal was a ceiling of {Options.CeilingGoal:0.###}"),
            _ => Invariant(
                $"another round would take more than {Options.MaximumTime.TotalMinutes:0.#} min; the goal was a ceiling of {Options.CeilingGoal:0.###}"),
        };
        return Invariant($"Stopped after {Runs.Sum(run => run.Plan.Trials.Count)} trials in {last} rounds ({Seconds / 60:0.#} min of workers' time): ")
            + Invariant($"{reason}. Ceilings: {ceilings}.");
    }
}
