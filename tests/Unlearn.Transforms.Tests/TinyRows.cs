using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Tests;

/// <summary>Small seeded data: three Gaussian classes.</summary>
internal static class TinyRows
{
    public const int Classes = 3;

    public sealed class Row
    {
        public string RowId { get; set; } = "";

        public float[] Features { get; set; } = [];

        [KeyType(Classes)]
        public uint Label { get; set; }
    }

    public static List<Row> Create(int count, int width, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row => new Row
        {
            RowId = row.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Label = (uint)(row % Classes),
            Features = [.. Enumerable.Range(0, width).Select(i => (float)(random.NextDouble() * 2 - 1) + (i % Classes == row % Classes ? 1f : 0f))],
        })];
    }

    public static IDataView View(MLContext context, IEnumerable<Row> rows, int width)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    public static TrainingRows Training(int count, int width, int seed = 1) =>
        TrainingRows.FromDataView(View(new MLContext(1), Create(count, width, seed), width));

    public static TorchTarget Trained(TorchArchitecture architecture, TrainingRows rows, int epochs = 3) =>
        new TorchRecipe(architecture) { Epochs = epochs, BatchSize = 16, Device = TorchDevice.Cpu }.Train(
            rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 7);
}
