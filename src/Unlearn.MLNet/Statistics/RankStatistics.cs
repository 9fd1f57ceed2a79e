namespace Unlearn.MLNet.Statistics;

/// <summary>
/// Statistics of rankings: how well scores order rows. A label of <see langword="true"/> is a positive, here a hard row; a higher score means
/// more likely positive. Ties count half. What is undefined is an exception or NaN, as documented, never a neutral number such as 0.5.
/// </summary>
internal static class RankStatistics
{
    // The 97.5 % quantile of the standard normal distribution.
    internal const double Z = 1.959963984540054;

    /// <summary>Area under the ROC curve: the probability that a random positive scores above a random negative, ties counting half.</summary>
    /// <param name="scores">One score per row; infinite values are allowed, NaN is not.</param>
    /// <param name="labels">One label per row.</param>
    /// <returns>The area, in [0, 1].</returns>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    public static double Auc(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        var (positives, negatives) = Count(scores, labels);
        var ranks = Ranks(scores);
        var sum = 0.0;
        for (var i = 0; i < ranks.Length; i++)
        {
            if (labels[i])
                sum += ranks[i];
        }

        return (sum - positives * (positives + 1.0) / 2) / ((double)positives * negatives);
    }

    /// <summary>
    /// <see cref="Auc"/> with a 95 % confidence interval: the variance of DeLong, DeLong and Clarke-Pearson (1988), computed from midranks in
    /// O(n log n) as in Sun and Xu (2014), on the logit scale, which keeps the interval inside [0, 1] and its coverage near an AUC of 1.
    /// </summary>
    /// <remarks>
    /// Rows are taken to be independent; where they come in groups, see <see cref="GroupBootstrap"/>.
    /// At an AUC of exactly 1 or 0 that variance is zero and says nothing. The open end is then the Clopper-Pearson limit of min(positives,
    /// negatives) independent pairs that were all ordered the same way.
    /// </remarks>
    /// <param name="scores">One score per row; infinite values are allowed, NaN is not.</param>
    /// <param name="labels">One label per row.</param>
    /// <returns>The area and its interval; the interval's ends are NaN when a class has a single row, which has no variance to estimate.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    public static AucEstimate AucWithInterval(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        var (positives, negatives) = Count(scores, labels);
        var auc = Auc(scores, labels);
        if (positives < 2 || negatives < 2)
            return new AucEstimate { Value = auc, Low = double.NaN, High = double.NaN };

        if (auc is 0 or 1)
        {
            var limit = Math.Pow(0.025, 1.0 / Math.Min(positives, negatives));
            return auc == 1 ? new AucEstimate { Value = 1, Low = limit, High = 1 } : new AucEstimate { Value = 0, Low = 0, High = 1 - limit };
        }

        var logit = Math.Log(auc / (1 - auc));
        var margin = Z * Math.Sqrt(new DeLong(scores, labels).Variance) / (auc * (1 - auc));
        return new AucEstimate { Value = auc, Low = Logistic(logit - margin), High = Logistic(logit + margin) };
    }

    /// <summary>
    /// Average precision: Σ (recall_k − recall_{k−1}) · precision_k over the distinct scores from high to low, without interpolation.
    /// Chance is the share of positives.
    /// </summary>
    /// <param name="scores">One score per row; infinite values are allowed, NaN is not.</param>
    /// <param name="labels">One label per row.</param>
    /// <returns>The average precision, in (0, 1].</returns>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    public static double AveragePrecision(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        var (positives, _) = Count(scores, labels);
        var (sum, hits) = (0.0, 0);
        foreach (var (above, truePositives) in Thresholds(scores, labels))
        {
            sum += (truePositives - hits) * ((double)truePositives / above);
            hits = truePositives;
        }

        return sum / positives;
    }

    /// <summary>Spearman's rank correlation: Pearson's correlation of the midranks.</summary>
    /// <param name="first">One value per row; infinite values are allowed, NaN is not.</param>
    /// <param name="second">One value per row, likewise.</param>
    /// <returns>The correlation, in [−1, 1]; NaN when either list is constant or has fewer than two rows, where it is undefined.</returns>
    /// <exception cref="ArgumentException">The lengths differ or a value is NaN.</exception>
    public static double Spearman(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count)
            throw new ArgumentException($"There are {first.Count} values in the first list but {second.Count} in the second.", nameof(second));

        var (a, b, mean) = (Ranks(first), Ranks(second), (first.Count + 1) / 2.0);
        var (ab, aa, bb) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (a[i] - mean, b[i] - mean);
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }

        return Math.Clamp(ab / Math.Sqrt(aa * bb), -1, 1); // 0 / 0 of a constant list stays NaN
    }

    /// <summary>ROC curve from (0, 0) to (1, 1), one point per distinct score. Its trapezoid area is <see cref="Auc"/> when it is not thinned.</summary>
    /// <param name="scores">One score per row; infinite values are allowed, NaN is not.</param>
    /// <param name="labels">One label per row.</param>
    /// <param name="maxPoints">At most this many points, evenly chosen, the end points always among them; at least 2.</param>
    /// <returns>Points in ascending order of both rates.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxPoints"/> is below 2.</exception>
    public static IReadOnlyList<RocPoint> Roc(IReadOnlyList<double> scores, IReadOnlyList<bool> labels, int maxPoints = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPoints, 2);
        var (positives, negatives) = Count(scores, labels);
        var points = new List<RocPoint> { new() { FalsePositiveRate = 0, TruePositiveRate = 0 } };
        foreach (var (above, truePositives) in Thresholds(scores, labels))
            points.Add(new RocPoint { FalsePositiveRate = (double)(above - truePositives) / negatives, TruePositiveRate = (double)truePositives / positives });

        return points.Count <= maxPoints
            ? points
            : [.. Enumerable.Range(0, maxPoints).Select(k => points[(int)((long)k * (points.Count - 1) / (maxPoints - 1))])];
    }

    /// <summary>Midranks from 1: equal values share the mean of the ranks that they span.</summary>
    /// <param name="values">One value per row; infinite values are allowed, NaN is not.</param>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var sorted = values.ToArray();
        if (Array.FindIndex(sorted, double.IsNaN) is >= 0 and var bad)
            throw new ArgumentException($"The value at index {bad} is NaN, which has no rank.", nameof(values));

        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start]; end++)
            {
            }

            foreach (var i in order.AsSpan(start..end))
                ranks[i] = (start + 1 + end) / 2.0;
        }

        return ranks;
    }

    // For each distinct score from high to low: how many rows, and how many positives, score at least that.
    private static IEnumerable<(int Above, int TruePositives)> Thresholds(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        var sorted = scores.ToArray();
        var hard = labels.ToArray();
        Array.Sort(sorted, hard);
        var truePositives = 0;
        for (var i = sorted.Length - 1; i >= 0; i--)
        {
            truePositives += hard[i] ? 1 : 0;
            if (i == 0 || sorted[i - 1] != sorted[i])
                yield return (sorted.Length - i, truePositives);
        }
    }

    private static (int Positives, int Negatives) Count(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Count != labels.Count)
            throw new ArgumentException($"There are {scores.Count} scores but {labels.Count} labels.", nameof(labels));

        for (var i = 0; i < scores.Count; i++)
        {
            if (double.IsNaN(scores[i]))
                throw new ArgumentException($"The score at index {i} is NaN, which has no rank.", nameof(scores));
        }

        var positives = labels.Count(label => label);
        return positives > 0 && positives < labels.Count
            ? (positives, labels.Count - positives)
            : throw new ArgumentException(
                $"All {labels.Count} labels are {(positives > 0 ? "positive" : "negative")}: ranking statistics need both classes.", nameof(labels));
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
}
