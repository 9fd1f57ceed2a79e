namespace Unlearn.MLNet.Statistics;

/// <summary>
/// The nonparametric variance of AUCs after DeLong, DeLong and Clarke-Pearson (1988), from midranks in O(n log n) as in Sun and Xu (2014). Rows are
/// taken to be independent.
/// </summary>
/// <remarks>
/// The placement of a row is the share of the other class's rows below it. Ties count half. The rank among all rows minus the rank within the class counts
/// them. Placements of negatives are often given as shares above instead: their variances and covariances are the same.
/// </remarks>
internal sealed class DeLong
{
    private readonly double[] _positives;
    private readonly double[] _negatives;

    /// <summary>Computes the placements; scores and labels are checked already, and both classes have rows.</summary>
    public DeLong(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        var all = RankStatistics.Ranks(scores);
        var count = labels.Count(label => label);
        _positives = Placements(true, labels.Count - count);
        _negatives = Placements(false, count);

        double[] Placements(bool label, int others)
        {
            var rows = Enumerable.Range(0, all.Length).Where(i => labels[i] == label).ToArray();
            var within = RankStatistics.Ranks([.. rows.Select(i => scores[i])]);
            return [.. rows.Select((row, i) => (all[row] - within[i]) / others)];
        }
    }

    /// <summary>Variance of the AUC; NaN when a class has a single row.</summary>
    public double Variance => Covariance(this, this);

    /// <summary>Covariance of the AUCs of two scores of the same rows; NaN when a class has a single row.</summary>
    public static double Covariance(DeLong first, DeLong second) =>
        Covariance(first._positives, second._positives) / first._positives.Length + Covariance(first._negatives, second._negatives) / first._negatives.Length;

    /// <summary>
    /// Difference of the AUCs of two scores of the same rows, the first minus the second, by the paired variance: rows that both get right or wrong
    /// cancel.
    /// </summary>
    /// <param name="first">One score per row; NaN is not allowed.</param>
    /// <param name="second">Another score of the same rows.</param>
    /// <param name="labels">One label per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    public static AucEstimate Difference(IReadOnlyList<double> first, IReadOnlyList<double> second, IReadOnlyList<bool> labels)
    {
        var value = RankStatistics.Auc(first, labels) - RankStatistics.Auc(second, labels);
        var (a, b) = (new DeLong(first, labels), new DeLong(second, labels));
        var margin = RankStatistics.Z * Math.Sqrt(Math.Max(0, a.Variance + b.Variance - 2 * Covariance(a, b)));
        return new() { Value = value, Low = value - margin, High = value + margin };
    }

    private static double Covariance(double[] a, double[] b)
    {
        var (meanA, meanB, sum) = (a.Average(), b.Average(), 0.0);
        for (var i = 0; i < a.Length; i++)
            sum += (a[i] - meanA) * (b[i] - meanB);
        return sum / (a.Length - 1);
    }
}
