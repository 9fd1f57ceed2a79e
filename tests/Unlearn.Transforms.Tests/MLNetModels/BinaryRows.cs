using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Tests.MLNetModels;

/// <summary>Small seeded data of two classes, as raw columns and as a vector.</summary>
internal static class BinaryRows
{
    public const int Width = 4;

    public sealed class Row
    {
        public string RowId { get; set; } = "";

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }

        public float A { get; set; }

        public float B { get; set; }
    }

    public static List<Row> Create(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row =>
        {
            float[] features = [.. Enumerable.Range(0, Width).Select(i => (float)(random.NextDouble() * 2 - 1) + (row % 2 == 0 && i < 2 ? 0.7f : 0))];
            return new Row { RowId = $"r{row}", Label = row % 2 == 0, Features = features, A = features[0] * 5 + 3, B = features[1] };
        })];
    }

    public static IDataView View(MLContext context, int count = 80, int seed = 1) => context.Data.LoadFromEnumerable(Create(count, seed));
}
