using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.Search;

/// <summary>Settings of boosted trees, as a point of the unit cube: trees, leaves, rate and rows of a leaf, each on a logarithmic scale.</summary>
internal readonly record struct TrainerSettings(bool IsLightGbm, int Trees, int Leaves, double Rate, int Rows)
{
    public const int Dimensions = 4;

    private static readonly (double Low, double High)[] Ranges = [(20, 400), (4, 64), (0.01, 0.3), (2, 100)];

    /// <summary>FastTree's settings where nobody searches.</summary>
    public static TrainerSettings Default { get; } = new(false, 120, 8, 0.05, 20);

    /// <summary>Where a frugal walk begins: few and small trees, and the defaults otherwise.</summary>
    public static double[] Cheap => [0, 0, Unit(Default.Rate, 2), Unit(Default.Rows, 3)];

    public static TrainerSettings At(bool isLightGbm, ReadOnlySpan<double> point) => new(
        isLightGbm, (int)Math.Round(Value(point[0], 0)), (int)Math.Round(Value(point[1], 1)), Math.Round(Value(point[2], 2), 4),
        (int)Math.Round(Value(point[3], 3)));

    public HardnessTrainer ToTrainer() =>
        IsLightGbm ? HardnessTrainer.LightGbm(Trees, Leaves, Rate, Rows) : HardnessTrainer.FastTree(Trees, Leaves, Rate, Rows);

    private static double Value(double unit, int dimension)
    {
        var (low, high) = Ranges[dimension];
        return low * Math.Pow(high / low, Math.Clamp(unit, 0, 1));
    }

    private static double Unit(double value, int dimension)
    {
        var (low, high) = Ranges[dimension];
        return Math.Log(value / low) / Math.Log(high / low);
    }
}
