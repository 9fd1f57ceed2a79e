namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>
/// Split conformal upper bounds, a quantile for each bin of predicted levels (Vovk, "Conditional validity of inductive conformal predictors", 2012). For a
/// row that is exchangeable with the n calibration rows of
/// its bin, the score is at most the quantile ⌈(n + 1)(1 − α)⌉ / n with probability of at least 1 − α.
/// </summary>
/// <param name="Edges">Levels between the bins, ascending. A level that equals an edge lies below it.</param>
/// <param name="Quantiles">Quantile of the scores in each bin.</param>
internal sealed record ConformalBound(double[] Edges, double[] Quantiles)
{
    /// <summary>A bin of n rows covers with a standard deviation of about √(α(1 − α) / n) over calibrations, 0.03 here.</summary>
    private const int FewestOfSeveral = 100;

    private const double Rounding = 1e-9;

    /// <summary>Fewest calibration rows for a finite bound.</summary>
    public static int FewestRows(double confidence) => (int)Math.Ceiling(confidence / (1 - confidence) - Rounding);

    /// <summary>Finds the quantiles. Bins of too few rows are joined with the one below, the lowest with the one above.</summary>
    /// <param name="edges">Levels between the bins, ascending, which must not come from the calibration rows.</param>
    /// <param name="rows">Level and score of each calibration row: at least <see cref="FewestRows"/>.</param>
    /// <param name="confidence">1 − α.</param>
    public static ConformalBound Fit(IReadOnlyList<double> edges, IReadOnlyList<(double Level, double Score)> rows, double confidence)
    {
        var fewest = Math.Max(FewestOfSeveral, FewestRows(confidence));
        List<double> kept = [.. edges.Distinct().Order()];
        while (kept.Count > 0 && Bins().FindIndex(bin => bin.Length < fewest) is >= 0 and var small)
            kept.RemoveAt(Math.Max(0, small - 1));
        return new([.. kept], [.. Bins().Select(scores => Quantile(scores, confidence))]);

        List<double[]> Bins()
        {
            var bins = rows.ToLookup(row => BinOf(kept, row.Level), row => row.Score);
            return [.. Enumerable.Range(0, kept.Count + 1).Select(bin => bins[bin].ToArray())];
        }
    }

    /// <summary>Upper bound of the score of a row with a level.</summary>
    public double Of(double level) => Quantiles[BinOf(Edges, level)];

    private static int BinOf(IReadOnlyList<double> edges, double level) => edges.Count(edge => edge < level);

    private static double Quantile(double[] scores, double confidence)
    {
        Array.Sort(scores);
        return scores[(int)Math.Ceiling((scores.Length + 1) * confidence - Rounding) - 1];
    }
}
