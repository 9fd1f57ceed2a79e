using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet;

/// <summary>Difference of the AUCs of two scores of the same rows, with its 95 % confidence interval.</summary>
public readonly record struct AucDifference
{
    /// <summary>AUC of the first minus AUC of the second, in [−1, 1].</summary>
    public required double Value { get; init; }

    /// <summary>Lower end of the interval; NaN where it cannot be estimated.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end of the interval; NaN where it cannot be estimated.</summary>
    public required double High { get; init; }

    /// <summary>Compares two scores by the paired variance of DeLong, DeLong and Clarke-Pearson (1988): rows that both get right or wrong cancel.</summary>
    /// <param name="first">One score per row; NaN is not allowed.</param>
    /// <param name="second">Another score of the same rows.</param>
    /// <param name="labels">One label per row.</param>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    public static AucDifference Of(IReadOnlyList<double> first, IReadOnlyList<double> second, IReadOnlyList<bool> labels)
    {
        var value = RankStatistics.Auc(first, labels) - RankStatistics.Auc(second, labels);
        var (a, b) = (new DeLong(first, labels), new DeLong(second, labels));
        var variance = a.Variance + b.Variance - (2 * DeLong.Covariance(a, b));
        var margin = RankStatistics.Z * Math.Sqrt(Math.Max(0, variance));
        return new() { Value = value, Low = value - margin, High = value + margin };
    }
}
