using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.Labeling;

/// <summary>How far scores and labels of the same rows stay the same from run to run, such as over root seeds.</summary>
internal sealed record LabelStability
{
    /// <summary>Number of runs that were compared, at least 2.</summary>
    public required int Runs { get; init; }

    /// <summary>Mean Spearman correlation of the scores over all pairs of runs, in [−1, 1].</summary>
    public required double Spearman { get; init; }

    /// <summary>Mean share of a run's hard rows that are hard in another one too, in [0, 1].</summary>
    public required double Overlap { get; init; }

    /// <summary>Overlap of labels that have nothing to do with each other, in (0, 1): the share of hard rows.</summary>
    public required double Chance { get; init; }

    /// <summary>Compares runs.</summary>
    /// <param name="scores">For each run the score of every row, in one order; at least 2 runs.</param>
    /// <param name="hardShare">Share of rows that count as hard, in (0, 1).</param>
    /// <exception cref="ArgumentException">Fewer than 2 runs, runs of different rows, or a share that leaves no hard row or no easy one.</exception>
    public static LabelStability Of(IReadOnlyList<IReadOnlyList<double>> scores, double hardShare)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count < 2)
            throw new ArgumentException($"There are scores of {scores.Count} runs: stability compares at least 2.", nameof(scores));
        if (scores.FirstOrDefault(run => run.Count != scores[0].Count) is { } other)
            throw new ArgumentException($"One run has {scores[0].Count} rows, another one {other.Count}: compare runs of the same rows.", nameof(scores));
        var labels = scores.Select(run => HardnessScores.Label(run, hardShare)).ToList();
        var hard = labels[0].Count(isHard => isHard);
        var pairs = Enumerable.Range(0, scores.Count).SelectMany(a => Enumerable.Range(a + 1, scores.Count - a - 1).Select(b => (A: a, B: b))).ToList();
        return new()
        {
            Runs = scores.Count,
            Spearman = pairs.Average(pair => RankStatistics.Spearman(scores[pair.A], scores[pair.B])),
            Overlap = pairs.Average(pair => labels[pair.A].Zip(labels[pair.B]).Count(both => both.First && both.Second) / (double)hard),
            Chance = hard / (double)scores[0].Count,
        };
    }
}
