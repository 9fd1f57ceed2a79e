using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Parquet.Tests;

/// <summary>What is saved is what is loaded.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new(1);

    private string File => _folder.File("rows.parquet");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_value_comes_back_whatever_the_row_groups() => Gen.Select(ParquetRow.Rows, Gen.Int[1, 7]).Sample((rows, rowsPerGroup) =>
    {
        _mlContext.Data.SaveAsParquet(View(rows), File, rowsPerGroup);
        var loaded = _mlContext.Data.LoadFromParquet(File);
        Assert.Equal(rows.Length, loaded.GetRowCount());
        AssertSame(rows, ParquetRow.Read(_mlContext, loaded));
    }, iter: 25, threads: 1);

    [Fact]
    public void The_schema_comes_back()
    {
        _mlContext.Data.SaveAsParquet(View(Some(3)), File);
        var schema = _mlContext.Data.LoadFromParquet(File).Schema;
        static IEnumerable<(string, string?)> Columns(DataViewSchema of) => of.Select(column => (column.Name, column.Type.ToString()));
        Assert.Equal(Columns(View(Some(3)).Schema), Columns(schema));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), schema["Vector"].Type);
    }

    [Fact]
    public void Small_whole_numbers_come_back_as_what_they_are()
    {
        var rows = new[] { new SmallNumbers { A = -1, B = 2, C = -3, D = 4, E = 5, F = ulong.MaxValue }, new SmallNumbers { A = sbyte.MinValue } };
        _mlContext.Data.SaveAsParquet(_mlContext.Data.LoadFromEnumerable(rows), File);
        Assert.Equal(rows, _mlContext.Data.CreateEnumerable<SmallNumbers>(_mlContext.Data.LoadFromParquet(File), reuseRowObject: false));
    }

    [Fact]
    public void A_stream_gets_the_same_bytes_as_a_file()
    {
        using var stream = new MemoryStream();
        _mlContext.Data.SaveAsParquet(View(Some(9)), stream);
        _mlContext.Data.SaveAsParquet(View(Some(9)), File);
        Assert.Equal(System.IO.File.ReadAllBytes(File), stream.ToArray());
    }

    [Fact]
    public void No_rows_make_a_file_without_rows()
    {
        _mlContext.Data.SaveAsParquet(View([], size: 2), File);
        var loaded = _mlContext.Data.LoadFromParquet(File);
        Assert.Equal(0, loaded.GetRowCount());
        Assert.Empty(ParquetRow.Read(_mlContext, loaded));
    }

    [Fact]
    public void Keys_are_saved_as_their_values_and_as_numbers_where_they_have_none()
    {
        var texts = _mlContext.Data.LoadFromEnumerable(Some(4));
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Text").Append(_mlContext.Transforms.SelectColumns("Key")).Fit(texts).Transform(texts);
        _mlContext.Data.SaveAsParquet(keys, File);
        Assert.Equal(Some(4).Select(row => row.Text), _mlContext.Data.LoadFromParquet(File).GetColumn<string>("Key"));

        var schema = SchemaDefinition.Create(typeof(Keyed));
        schema[nameof(Keyed.Key)].ColumnType = new KeyDataViewType(typeof(uint), 3);
        _mlContext.Data.SaveAsParquet(_mlContext.Data.LoadFromEnumerable([new Keyed { Key = 2 }, new Keyed { Key = uint.MaxValue }], schema), File);
        Assert.Equal([3u, 0u], _mlContext.Data.LoadFromParquet(File).GetColumn<uint>("Key"));
    }

    [Fact]
    public void Sparse_vectors_are_saved_whole()
    {
        var texts = _mlContext.Data.LoadFromEnumerable(Some(5));
        var encoding = _mlContext.Transforms.Categorical.OneHotEncoding("Hot", "Text").Append(_mlContext.Transforms.SelectColumns("Hot"));
        var hot = encoding.Fit(texts).Transform(texts);
        _mlContext.Data.SaveAsParquet(hot, File);
        Assert.Equal(hot.GetColumn<float[]>("Hot"), _mlContext.Data.LoadFromParquet(File).GetColumn<float[]>("Hot"));
    }

    [Fact]
    public void Several_cursors_share_the_row_groups_and_keep_their_order() =>
        Gen.Select(ParquetRow.Rows, Gen.Int[1, 5], Gen.Int[1, 6]).Sample((rows, perGroup, n) =>
    {
        _mlContext.Data.SaveAsParquet(View(rows), File, perGroup);
        var view = _mlContext.Data.LoadFromParquet(File);
        var found = new List<(long Batch, long Row, ulong Id, int Value)>();
        var cursors = view.GetRowCursorSet([view.Schema["Int"]], n);
        Assert.InRange(cursors.Length, 1, Math.Min(n, (rows.Length + perGroup - 1) / perGroup));
        foreach (var cursor in cursors)
        {
            using var open = cursor;
            var (value, id) = (0, default(DataViewRowId));
            var (getter, ids) = (cursor.GetGetter<int>(view.Schema["Int"]), cursor.GetIdGetter());
            for (var position = 0; cursor.MoveNext(); position++)
            {
                getter(ref value);
                ids(ref id);
                Assert.Equal(position, cursor.Position);
                found.Add((cursor.Batch, found.Count, id.Low, value));
            }
        }
        var ordered = found.OrderBy(row => row.Batch).ThenBy(row => row.Row).ToList();
        Assert.Equal(rows.Select(row => row.Int), ordered.Select(row => row.Value));
        Assert.Equal(Enumerable.Range(0, rows.Length).Select(row => (ulong)row), ordered.Select(row => row.Id));
    }, iter: 25, threads: 1);

    [Fact]
    public void A_trainer_of_ML_NET_reads_it()
    {
        var rows = Enumerable.Range(0, 60).Select(row => new ParquetRow { Bool = row % 2 == 0, Vector = [row % 2, row], Doubles = [0, 0] });
        _mlContext.Data.SaveAsParquet(View([.. rows]), File, 16);
        var mlContext = new MLContext(1);
        var data = mlContext.Data.LoadFromParquet(File, "Vector", "Bool");
        var model = mlContext.BinaryClassification.Trainers.SdcaLogisticRegression("Bool", "Vector").Fit(data);
        Assert.Equal(1, mlContext.BinaryClassification.Evaluate(model.Transform(data), "Bool").Accuracy);
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_file_and_nothing_else()
    {
        _mlContext.Data.SaveAsParquet(View(Some(3)), File);
        var before = System.IO.File.ReadAllBytes(File);
        var failing = ParquetRow.View(_mlContext, Some(9).Select((row, number) => number < 7 ? row : throw new TimeoutException("source")), 2);
        Assert.ThrowsAny<Exception>(() => _mlContext.Data.SaveAsParquet(failing, File, 2));
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
        Assert.Equal([File], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Readme()
    {
        var here = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(_folder.Path);
        try
        {
            var mlContext = _mlContext;
            var factors = mlContext.Data.LoadFromEnumerable([new Audited { RowId = "a", Features = [1, 2], Label = true }]);
            mlContext.Data.SaveAsParquet(factors, "rows.parquet");
            var data = mlContext.Data.LoadFromParquet("rows.parquet", "RowId", "Features", "Label");
            mlContext.Data.SaveAsParquet(factors, "factors.parquet");
            Assert.Equal(["RowId", "Features", "Label"], data.Schema.Select(column => column.Name));
            Assert.Equal(System.IO.File.ReadAllBytes("rows.parquet"), System.IO.File.ReadAllBytes("factors.parquet"));
        }
        finally
        {
            Directory.SetCurrentDirectory(here);
        }
    }

    private static ParquetRow[] Some(int rows) =>
        [.. Enumerable.Range(0, rows).Select(row => new ParquetRow { Int = row, Text = $"t{row % 3}", Vector = [row, -row], Doubles = [row, 1] })];

    private static void AssertSame(IEnumerable<ParquetRow> expected, IEnumerable<ParquetRow> actual) =>
        Assert.Equal(expected.Select(row => row.Values()), actual.Select(row => row.Values()));

    private IDataView View(ParquetRow[] rows, int size = 0) => ParquetRow.View(_mlContext, rows, size > 0 ? size : rows[0].Vector.Length);

    private sealed record SmallNumbers
    {
        public sbyte A { get; set; }

        public byte B { get; set; }

        public short C { get; set; }

        public ushort D { get; set; }

        public uint E { get; set; }

        public ulong F { get; set; }
    }

    private sealed class Keyed
    {
        public uint Key { get; set; }
    }

    private sealed class Audited
    {
        public string RowId { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
