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

    /// <summary>Spearman correlation that the noise of the scores would leave if all runs had the same score without noise; NaN if unknown.</summary>
    public double SpearmanCeiling { get; init; } = double.NaN;

    /// <summary>Overlap that the noise of the scores would leave if all runs had the same score without noise; NaN if unknown.</summary>
    public double OverlapCeiling { get; init; } = double.NaN;

    /// <summary>Compares runs.</summary>
    /// <remarks>
    /// The ceilings take scores as normal, up to a rising function. Halves that correlate by r make scores of reliability R = 2r / (1 + r); two runs
    /// with the same score without noise then correlate by √(R_a R_b). For the overlap, r comes from the AUC across halves, as for
    /// <see cref="GroundTruth.Ceiling"/>; for Spearman's ρ, from ρ across halves, r = 2 sin(πρ / 6).
    /// </remarks>
    /// <param name="scores">For each run the score of every row, in one order; at least 2 runs.</param>
    /// <param name="hardShare">Share of rows that count as hard, in (0, 1).</param>
    /// <param name="reliabilities">Reliability of each run's scores; <see langword="null"/> for no ceilings.</param>
    /// <exception cref="ArgumentException">Fewer than 2 runs, runs of different rows, or a share that leaves no hard row or no easy one.</exception>
    public static LabelStability Of(
        IReadOnlyList<IReadOnlyList<double>> scores, double hardShare, IReadOnlyList<ScoreReliability>? reliabilities = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count < 2)
            throw new ArgumentException($"There are scores of {scores.Count} runs: stability compares at least 2.", nameof(scores));
        if (scores.FirstOrDefault(run => run.Count != scores[0].Count) is { } other)
            throw new ArgumentException($"One run has {scores[0].Count} rows, another one {other.Count}: compare runs of the same rows.", nameof(scores));
        var labels = scores.Select(run => HardnessScores.Label(run, hardShare)).ToList();
        var hard = labels[0].Count(isHard => isHard);
        var pairs = Enumerable.Range(0, scores.Count).SelectMany(a => Enumerable.Range(a + 1, scores.Count - a - 1).Select(b => (A: a, B: b))).ToList();
        var chance = hard / (double)scores[0].Count;
        var normal = BinormalAuc.Of(chance);
        return new()
        {
            Runs = scores.Count,
            Spearman = pairs.Average(pair => RankStatistics.Spearman(scores[pair.A], scores[pair.B])),
            Overlap = pairs.Average(pair => labels[pair.A].Zip(labels[pair.B]).Count(both => both.First && both.Second) / (double)hard),
            Chance = chance,
            SpearmanCeiling = Ceiling(half => ToNormal(half.Spearman), r => 6 / Math.PI * Math.Asin(r / 2)),
            OverlapCeiling = Ceiling(half => normal.Inverse(half.Auc), normal.Overlap),
        };

        double Ceiling(Func<ScoreReliability, double> correlation, Func<double, double> figure)
        {
            if (reliabilities is null)
                return double.NaN;
            double[] whole = [.. reliabilities.Select(half => Math.Max(0, correlation(half))).Select(r => 2 * r / (1 + r))];
            return pairs.Average(pair => figure(Math.Sqrt(whole[pair.A] * whole[pair.B])));
        }
    }

    private static double ToNormal(double spearman) => 2 * Math.Sin(Math.PI * spearman / 6);
}
