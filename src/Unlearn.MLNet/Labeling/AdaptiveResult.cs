using System.Globalization;
using Unlearn.MLNet.GroundTruth;

namespace Unlearn.MLNet;

/// <summary>What came of trials that were added until they sufficed.</summary>
public sealed record AdaptiveResult
{
    /// <summary>What stopped it.</summary>
    public required StopReason StoppedBy { get; init; }

    /// <summary>Every unlearner at the end of every round.</summary>
    public required IReadOnlyList<AdaptiveRound> Rounds { get; init; }

    /// <summary>Per unlearner: the trials of the last round's plan, and what came of them.</summary>
    public required IReadOnlyList<UnlearnerRun> Runs { get; init; }

    /// <summary>Scores of each unlearner.</summary>
    public required IReadOnlyList<HardnessScores> Scores { get; init; }

    /// <summary>Workers' seconds of all trials, earlier runs' included.</summary>
    public required double Seconds { get; init; }

    /// <summary>What was asked for.</summary>
    public required AdaptiveOptions Options { get; init; }

    /// <summary>What stopped it, after how much, and how sure the labels are, in one line.</summary>
    public string Describe()
    {
        var last = Rounds[^1].Round;
        var ceilings = string.Join(", ", Rounds.Where(round => round.Round == last).Select(round => Invariant($"{round.Unlearner} {round.Ceiling:0.000}")));
        var reason = StoppedBy switch
        {
            StopReason.Goal => Invariant($"every ceiling reached the goal of {Options.CeilingGoal:0.###}"),
            StopReason.Trials => Invariant($"another round would take more than {Options.MaximumTrials} trials; the goal was a ceiling of {Options.CeilingGoal:0.###}"),
            _ => Invariant($"another round would take more than {Options.MaximumTime.TotalMinutes:0.#} min; the goal was a ceiling of {Options.CeilingGoal:0.###}"),
        };
        return Invariant($"Stopped after {Runs.Sum(run => run.Plan.Trials.Count)} trials in {last} rounds ({Seconds / 60:0.#} min of workers' time): {reason}. Ceilings: {ceilings}.");
    }
}
