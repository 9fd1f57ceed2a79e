using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Parquet.Tests;

/// <summary>A row with a column of each type.</summary>
internal sealed class ParquetRow
{
    public float Single { get; set; }

    public double Double { get; set; }

    public int Int { get; set; }

    public long Long { get; set; }

    public bool Bool { get; set; }

    public string Text { get; set; } = "";

    public float[] Vector { get; set; } = [];

    public double[] Doubles { get; set; } = [];

    public static Gen<ParquetRow[]> Rows =>
        from size in Gen.Int[1, 5]
        from rows in Row(size).Array[1, 40]
        select rows;

    public static IDataView View(MLContext mlContext, IEnumerable<ParquetRow> rows, int size)
    {
        var schema = SchemaDefinition.Create(typeof(ParquetRow));
        schema[nameof(Vector)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
        schema[nameof(Doubles)].ColumnType = new VectorDataViewType(NumberDataViewType.Double, size);
        return mlContext.Data.LoadFromEnumerable(rows, schema);
    }

    public static List<ParquetRow> Read(MLContext mlContext, IDataView view) => [.. mlContext.Data.CreateEnumerable<ParquetRow>(view, reuseRowObject: false)];

    /// <summary>All values, for comparisons in which NaN equals NaN.</summary>
    public object[] Values() => [Single, Double, Int, Long, Bool, Text, .. Vector.Cast<object>(), .. Doubles.Cast<object>()];

    private static Gen<ParquetRow> Row(int size) =>
        from number in Gen.Float
        from precise in Gen.Double
        from integer in Gen.Int
        from wide in Gen.Long
        from flag in Gen.Bool
        from text in Gen.OneOf(Gen.String, Gen.Const(""), Gen.Const("größer, \"quoted\"\n₂"))
        from vector in Gen.Float.Array[size]
        from doubles in Gen.Double.Array[size]
        select new ParquetRow
        {
            Single = number, Double = precise, Int = integer, Long = wide, Bool = flag, Text = text.Replace('\uFFFD', '?'), Vector = vector, Doubles = doubles,
        };
}
