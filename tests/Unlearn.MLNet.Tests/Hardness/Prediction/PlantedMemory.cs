using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

/// <summary>
/// Rows with factors and a residual memory of a known law: log(1 + memory) is normal, and both its mean and its deviation grow with the first factor. So the
/// true bound of every row is known.
/// </summary>
internal sealed class PlantedMemory
{
    public const int Factors = 5;
    private const double Z90 = 1.2815515655446004;

    private readonly float[][] _factors;
    private readonly float[][] _features;

    /// <param name="count">Number of rows.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="shift">Added to the mean of log(1 + memory): another data set, where the same factors mean more memory.</param>
    /// <param name="copies">Rows that share their factors, features and memory.</param>
    /// <param name="firstId">Id of the first row.</param>
    public PlantedMemory(int count, int seed, double shift = 0, int copies = 1, int firstId = 0)
    {
        var random = new SeededRandom(seed);
        var drawn = Enumerable.Range(0, (count + copies - 1) / copies).Select(_ =>
        {
            float[] factors = [.. Enumerable.Range(0, Factors).Select(_ => (float)random.NextDouble())];
            float[] features = [.. Enumerable.Range(0, 6).Select(_ => (float)random.NextNormal())];
            var ft = Memory(factors, 0.25 + shift, 1, random.NextNormal());
            return (factors, features, Ft: ft, Nothing: Memory(factors, 0.4 + shift, 2, random.NextNormal()));
        }).ToArray();
        var rows = Enumerable.Range(0, count).Select(row => drawn[row / copies]).ToArray();
        Ids = [.. Enumerable.Range(firstId, count)];
        _factors = [.. rows.Select(row => row.factors)];
        _features = [.. rows.Select(row => row.features)];
        Ft = [.. rows.Select(row => row.Ft)];
        Nothing = [.. rows.Select(row => row.Nothing)];
    }

    public int[] Ids { get; }

    public float[] Ft { get; }

    public float[] Nothing { get; }

    public IReadOnlyList<float[]> AllFactors => _factors;

    /// <summary>The bound of the fine-tuned memory that holds with probability 0.9.</summary>
    public double TrueBound(int row) => Math.Exp(Mean(_factors[row], 0.25, 1) + Z90 * Deviation(_factors[row])) - 1;

    /// <summary>The rows in memory.</summary>
    /// <param name="order">Places of the rows, in order; all by default.</param>
    public ColumnDataView Rows(int[]? order = null)
    {
        order ??= [.. Enumerable.Range(0, Ids.Length)];
        var view = new ColumnDataView(order.Length);
        view.Add("RowId", [.. order.Select(row => Ids[row])], NumberDataViewType.Int32);
        view.AddVectors("UnlearnFactors", Factors, (row, values) => _factors[order[row]].CopyTo(values));
        view.AddVectors("Features", 6, (row, values) => _features[order[row]].CopyTo(values));
        view.Add("Text", [.. order.Select(row => Invariant($"{Ids[row]}").AsMemory())], TextDataViewType.Instance);
        return view;
    }

    /// <summary>Labels as labeling makes them; a column may be left out, or given other values.</summary>
    public ColumnDataView Labels(string? without = null, Func<int, float>? ft = null, Func<int, bool>? hard = null, int[]? ids = null, bool hasExact = true)
    {
        var labels = new ColumnDataView(Ids.Length);
        var threshold = Ft.Order().ElementAt(Ids.Length * 8 / 10);
        if (without != "RowId")
            labels.Add("RowId", ids ?? Ids, NumberDataViewType.Int32);
        if (without != "Hard")
            labels.Add("Hard", [.. Enumerable.Range(0, Ids.Length).Select(row => hard?.Invoke(row) ?? Ft[row] >= threshold)], BooleanDataViewType.Instance);
        if (without != "FT.ResidualMemory")
            labels.Add("FT.ResidualMemory", ft is null ? Ft : [.. Enumerable.Range(0, Ids.Length).Select(ft)]);
        if (without != "FT.Seconds")
            labels.Add("FT.Seconds", All(2f));
        labels.Add("FT.Exact", All(false), BooleanDataViewType.Instance);
        labels.Add("EU.ResidualMemory", All(0.5f));
        labels.Add("EU.Seconds", All(10f));
        labels.Add("EU.Exact", All(hasExact), BooleanDataViewType.Instance);
        labels.Add("nothing.ResidualMemory", Nothing);
        if (without != "ResidualMemoryTolerance")
            labels.Add("ResidualMemoryTolerance", All(1.6f));
        return labels;
    }

    private T[] All<T>(T value) => [.. Ids.Select(_ => value)];

    private static double Mean(float[] factors, double level, double slope) => level + slope * factors[0] + 0.2 * Math.Sin(6 * factors[1]) * factors[0];

    private static double Deviation(float[] factors) => 0.05 + 0.4 * factors[0] * factors[0];

    private static float Memory(float[] factors, double level, double slope, double normal) =>
        (float)Math.Max(0, Math.Exp(Mean(factors, level, slope) + Deviation(factors) * normal) - 1);
}
