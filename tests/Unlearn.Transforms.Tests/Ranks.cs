namespace Unlearn.Transforms.Tests;

/// <summary>Rank correlation, counted.</summary>
internal static class Ranks
{
    public static double Spearman(IReadOnlyList<float> first, IReadOnlyList<float> second) => Spearman(first, [.. second.Select(value => (double)value)]);

    public static double Spearman(IReadOnlyList<float> first, IReadOnlyList<double> second)
    {
        var (a, b) = (Of([.. first.Select(value => (double)value)]), Of(second));
        var (meanA, meanB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum() / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }

    private static double[] Of(IReadOnlyList<double> values) =>
        [.. values.Select(value => values.Count(other => other < value) + (values.Count(other => other == value) - 1) / 2.0)];
}
