using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace Unlearn.Examples.DistributedTrials;

/// <summary>Made-up people with four properties each, in two classes that overlap.</summary>
internal static class People
{
    private const int Width = 4;

    private sealed class Row
    {
        public string RowId { get; set; } = "";

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    public static IDataView Load(MLContext context, int count)
    {
        var random = new SeededRandom(1);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(number =>
        {
            float[] features = [.. Enumerable.Range(0, Width).Select(_ => (float)(2 * random.NextDouble() - 1))];
            return new Row { RowId = $"person-{number:000}", Features = features, Label = features[0] + features[1] + 0.7 * (random.NextDouble() - 0.5) > 0 };
        }).ToList());
    }
}
