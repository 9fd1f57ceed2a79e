using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

/// <summary>A row may hold fewer or more values than its column promises: nobody may take the rest from another row.</summary>
public sealed class VectorLengthTests : IDisposable
{
    private const int Width = 6;
    private const int Bad = 20;
    private readonly MLContext _context = new(1);
    private readonly TrainingRows _rows = TinyRows.Training(60, Width);
    private readonly TorchTarget _torch;

    public VectorLengthTests() => _torch = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), _rows);

    public void Dispose()
    {
        _torch.Dispose();
        _rows.Dispose();
    }

    /// <summary>All that reads features: what it is, and how it reads a data view.</summary>
    public static readonly string[] Readers =
    [
        "TrainingRows", "Fit", "Transform of the vector", "Transform of one factor", "Transform in shuffled order", "Transform in a cursor set",
        "Row mapper", "Loaded model", "Fit of a black box",
        "Transform of a black box", "Row mapper of a black box", "Transform of trees",
    ];

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (var reader in Readers)
                foreach (var length in new[] { "short", "long", "empty", "null" })
                    cases.Add(reader, length);
            return cases;
        }
    }

    public static TheoryData<string> AllReaders => [.. Readers];

    [Theory, MemberData(nameof(Cases))]
    public void A_row_of_another_length_is_refused_with_column_row_and_both_lengths(string reader, string length)
    {
        var rows = TinyRows.Create(40, Width);
        rows[Bad].RowId = "the-bad-one";
        float[]? features = length switch { "short" => [1, 2], "long" => [.. Enumerable.Repeat(1f, Width + 2)], "empty" => [], _ => null };
        rows[Bad].Features = features!;
        var failure = Assert.ThrowsAny<Exception>(() => Read(reader, TinyRows.View(_context, rows, Width)));
        while (failure is not InvalidOperationException { Message: not null } && failure.InnerException is { } inner)
            failure = inner;
        foreach (var word in new[] { "'Features'", $"row {Bad}", $"has {features?.Length ?? 0} values", $"{Width} values", "RowId 'the-bad-one'" })
            Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(AllReaders))]
    public void Sparse_rows_give_what_dense_ones_do(string reader)
    {
        var rows = TinyRows.Create(40, Width);
        foreach (var row in rows)
            Array.Clear(row.Features, 1, 3);
        Assert.Equal(Read(reader, TinyRows.View(_context, rows, Width)), Read(reader, Sparse(rows)));
    }

    [Fact]
    public void A_vector_without_values_but_of_the_right_length_is_a_row_of_zeros()
    {
        var rows = TinyRows.Create(40, Width);
        Array.Clear(rows[Bad].Features);
        Assert.Equal(Read("Transform of the vector", TinyRows.View(_context, rows, Width)), Read("Transform of the vector", Sparse(rows)));
    }

    [Fact]
    public void Scores_of_another_length_are_refused()
    {
        var data = TinyRows.View(_context, TinyRows.Create(9, Width), Width);
        var model = _context.Transforms
            .CustomMapping<FeatureRow, ScoreRow>((row, made) => made.Score = new float[row.Features[0] > 0 ? 2 : TinyRows.Classes], null)
            .Fit(data);
        var failure = Assert.Throws<InvalidOperationException>(() => MLNetTarget.FromTransformer(model, data.Schema));
        Assert.Contains("'Score' has 2 values in row", failure.Message, StringComparison.Ordinal);
    }

    private float[] Read(string reader, IDataView data)
    {
        var context = _context;
        ITarget target = _torch;
        var good = TinyRows.View(context, TinyRows.Create(60, Width), Width);
        if (reader.EndsWith("black box", StringComparison.Ordinal))
            target = MLNetTarget.FromTransformer(context.MulticlassClassification.Trainers.NaiveBayes().Fit(good), good.Schema);
        if (reader.EndsWith("trees", StringComparison.Ordinal))
            target =
                MLNetTarget.FromTransformer(
                    context.MulticlassClassification.Trainers.LightGbm(new Microsoft.ML.Trainers.LightGbm.LightGbmMulticlassTrainer.Options
                    {
                        NumberOfIterations = 3,
                        NumberOfThreads = 1,
                        MinimumExampleCountPerLeaf = 3,
                    }).Fit(good), good.Schema);
        if (reader == "TrainingRows")
        {
            using var rows = TrainingRows.FromDataView(data);
            return rows.CopyFeatures();
        }
        var estimator = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target,
            Factors = [HardnessFactors.Entropy, HardnessFactors.Loss, HardnessFactors.NeighborDistance],
            BatchSize = 8,
        });
        if (reader.StartsWith("Fit", StringComparison.Ordinal))
            return Vectors(estimator.Fit(data).Transform(good));
        ITransformer model = estimator.Fit(good);
        if (reader == "Loaded model")
        {
            using var file = new MemoryStream();
            context.Model.Save(model, good.Schema, file);
            file.Position = 0;
            model = new MLContext(2).Model.Load(file, out _);
        }
        if (reader.StartsWith("Row mapper", StringComparison.Ordinal))
            return Mapped(model, data);
        var output = model.Transform(data);
        DataViewSchema.Column[] columns = [output.Schema["RowId"], output.Schema["UnlearnFactors"]];
        return reader switch
        {
            "Transform of one factor" => [.. output.GetColumn<float>("Entropy")],
            "Transform in shuffled order" => Cursors([output.GetRowCursor(columns, new Random(3))], columns),
            "Transform in a cursor set" => Cursors(output.GetRowCursorSet(columns, 2), columns),
            _ => Vectors(output),
        };
    }

    private static float[] Vectors(IDataView output) => [.. output.GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];

    private static float[] Mapped(ITransformer model, IDataView data)
    {
        var mapper = model.GetRowToRowMapper(data.Schema);
        using var cursor = data.GetRowCursor(data.Schema);
        using var row = mapper.GetRow(cursor, mapper.OutputSchema);
        return Values(cursor, row.GetGetter<VBuffer<float>>(mapper.OutputSchema["UnlearnFactors"]));
    }

    private static float[] Cursors(DataViewRowCursor[] cursors, DataViewSchema.Column[] columns)
    {
        List<float> values = [];
        foreach (var cursor in cursors)
            using (cursor)
                values.AddRange(Values(cursor, cursor.GetGetter<VBuffer<float>>(columns[1])));
        return [.. values.Order()];
    }

    private static float[] Values(DataViewRowCursor cursor, ValueGetter<VBuffer<float>> getter)
    {
        List<float> values = [];
        var value = default(VBuffer<float>);
        while (cursor.MoveNext())
        {
            getter(ref value);
            values.AddRange(value.DenseValues());
        }
        return [.. values];
    }

    private IDataView Sparse(List<TinyRows.Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(SparseRow));
        schema[nameof(SparseRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        return _context.Data.LoadFromEnumerable(rows.Select(row =>
        {
            int[] slots = [.. Enumerable.Range(0, Width).Where(slot => row.Features[slot] != 0)];
            return new SparseRow
            {
                RowId = row.RowId,
                Label = row.Label,
                Features = new(Width, slots.Length, [.. slots.Select(slot => row.Features[slot])], slots),
            };
        }), schema);
    }

    private sealed class FeatureRow
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ScoreRow
    {
        [VectorType(TinyRows.Classes)]
        public float[] Score { get; set; } = [];
    }

    private sealed class SparseRow
    {
        public string RowId { get; set; } = "";

        public VBuffer<float> Features { get; set; }

        [KeyType(TinyRows.Classes)]
        public uint Label { get; set; }
    }
}
