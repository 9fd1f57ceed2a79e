using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Tests;

/// <summary>The rows of <see cref="TinyRows"/> with classes that have names and numbers, which become keys in any order.</summary>
internal static class NamedRows
{
    public const int Width = 6;

    public static readonly string[] Names = ["setosa", "versicolor", "virginica"];

    public static readonly string[] Numbers = ["30", "-2", "7"];

    public sealed class Row
    {
        public string RowId { get; set; } = "";

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public string Name { get; set; } = "";

        public int Number { get; set; }
    }

    public static List<Row> Create(int count = 60, int classes = 3) => [.. TinyRows.Create(count, Width).Select(row => new Row
    {
        RowId = row.RowId,
        Features = row.Features,
        Name = Names[row.Label % classes],
        Number = int.Parse(Numbers[row.Label % classes], System.Globalization.CultureInfo.InvariantCulture),
    })];

    /// <summary>Maps the classes' names, or their numbers, to keys in an order.</summary>
    public static ITransformer Mapper(MLContext context, params string[] order)
    {
        var rows = context.Data.LoadFromEnumerable(Create(3));
        return int.TryParse(order[0], out _)
            ? context.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Number), keyData: context.Data.LoadFromEnumerable(
                order.Select(number => new NumberKey { Value = int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) }))).Fit(rows)
            : context.Transforms.Conversion
                .MapValueToKey("Label", nameof(Row.Name), keyData: context.Data.LoadFromEnumerable(order.Select(name => new NameKey { Value = name })))
                .Fit(rows);
    }

    public static IDataView View(MLContext context, IEnumerable<Row> rows, params string[] order) =>
        Mapper(context, order).Transform(context.Data.LoadFromEnumerable(rows));

    public static IDataView View(MLContext context, params string[] order) => View(context, Create(), order);

    private sealed class NameKey
    {
        public string Value { get; set; } = "";
    }

    private sealed class NumberKey
    {
        public int Value { get; set; }
    }
}
