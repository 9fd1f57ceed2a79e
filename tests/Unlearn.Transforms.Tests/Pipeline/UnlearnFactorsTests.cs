using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Pipeline.DataViews;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline;

public sealed class UnlearnFactorsTests : IDisposable
{
    private const int Width = 6;
    private readonly MLContext _context = new(1);
    private readonly TrainingRows _rows = TinyRows.Training(60, Width);
    private readonly TorchTarget _target;
    private readonly IDataView _data;
    private readonly UnlearnFactorsEstimator _estimator;
    private readonly UnlearnFactorsTransformer _transformer;

    public UnlearnFactorsTests()
    {
        _target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), _rows);
        _data = TinyRows.View(_context, TinyRows.Create(60, Width), Width);
        _estimator = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = _target, BatchSize = 16, Seed = 5 });
        _transformer = _estimator.Fit(_data);
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    private static float[] Column(IDataView view, string name) => [.. view.GetColumn<float>(name)];

    [Fact]
    public void Options_are_copied_when_they_are_given()
    {
        var options = new UnlearnFactorsEstimator.Options { Target = _target, Factors = [HardnessFactors.Entropy] };
        var estimator = _context.Transforms.UnlearnFactors(options);
        (options.OutputColumnName, options.FeatureColumnName) = ("Changed", "Changed");
        Assert.NotNull(estimator.Fit(_data).GetOutputSchema(_data.Schema).GetColumnOrNull("UnlearnFactors"));
    }

    [Fact]
    public void The_promised_schema_is_the_delivered_one()
    {
        var promised = _estimator.GetOutputSchema(SchemaShapeOf(_data.Schema)).ToDictionary(column => column.Name);
        var delivered = _transformer.GetOutputSchema(_data.Schema);
        Assert.Equal(promised.Keys.Order(), delivered.Select(column => column.Name).Order());
        foreach (var factor in HardnessFactors.Default)
        {
            Assert.Equal(NumberDataViewType.Single, delivered[factor.Name].Type);
            Assert.Equal(SchemaShape.Column.VectorKind.Scalar, promised[factor.Name].Kind);
        }
        var slots = default(VBuffer<ReadOnlyMemory<char>>);
        delivered["UnlearnFactors"].GetSlotNames(ref slots);
        Assert.Equal(_transformer.FactorNames, slots.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void The_vector_holds_the_columns_and_all_values_are_finite()
    {
        var output = _transformer.Transform(_data);
        var vectors = output.GetColumn<float[]>("UnlearnFactors").ToArray();
        for (var factor = 0; factor < HardnessFactors.Default.Count; factor++)
        {
            var column = Column(output, HardnessFactors.Default[factor].Name);
            for (var row = 0; row < column.Length; row++)
            {
                Assert.True(float.IsFinite(column[row]));
                Assert.Equal(column[row], vectors[row][factor], 1e-5f * Math.Abs(column[row]) + 1e-6f);
            }
        }
    }

    [Fact]
    public void Cursor_sets_and_shuffling_keep_rows_and_values_together()
    {
        var output = _transformer.Transform(_context.Data.Cache(_data));
        var expected = output.GetColumn<string>("RowId").Zip(Column(output, "Loss")).ToDictionary(pair => pair.First, pair => pair.Second);
        DataViewSchema.Column[] columns = [output.Schema["RowId"], output.Schema["Loss"]];
        foreach (var cursors in new[] { output.GetRowCursorSet(columns, 2), [output.GetRowCursor(columns, new Random(3))] })
        {
            var seen = new HashSet<string>();
            foreach (var cursor in cursors)
            {
                var id = cursor.GetGetter<ReadOnlyMemory<char>>(columns[0]);
                var loss = cursor.GetGetter<float>(columns[1]);
                (ReadOnlyMemory<char> Id, float Loss) row = default;
                while (cursor.MoveNext())
                {
                    id(ref row.Id);
                    loss(ref row.Loss);
                    Assert.True(seen.Add(row.Id.ToString()));
                    Assert.Equal(expected[row.Id.ToString()], row.Loss, 1e-5f);
                }
                cursor.Dispose();
            }
            Assert.Equal(60, seen.Count);
        }
    }

    [Fact]
    public void Saving_and_loading_keeps_the_values()
    {
        using var file = new MemoryStream();
        _context.Model.Save(_transformer, _data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(2).Model.Load(file, out _);
        foreach (var name in _transformer.FactorNames)
            foreach (var (expected, actual) in Column(_transformer.Transform(_data), name).Zip(Column(loaded.Transform(_data), name)))
                Assert.Equal(expected, actual, 1e-5f * Math.Abs(expected) + 1e-6f);
    }

    [Fact]
    public async Task A_fresh_process_loads_a_saved_model_and_gives_the_same_values()
    {
        var path = Path.GetTempFileName();
        try
        {
            _context.Model.Save(_transformer, _data.Schema, path);
            var (values, exitCode) = await FreshProcess.ScoreAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(0, exitCode);
            var expected = _transformer.Transform(_data).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row).ToArray();
            Assert.Equal(expected.Length, values.Length);
            for (var row = 0; row < values.Length; row++)
                Assert.Equal(expected[row], values[row], 1e-5f * Math.Abs(expected[row]) + 1e-6f);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_damaged_model_file_is_refused()
    {
        using var file = new MemoryStream();
        _context.Model.Save(_transformer, _data.Schema, file);
        var refused = 0;
        using (var archive = new System.IO.Compression.ZipArchive(file, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = archive.Entries.Single(entry => entry.FullName.Contains("target.weights.safetensors", StringComparison.Ordinal));
            using var stream = entry.Open();
            stream.Position = stream.Length - 3;
            var value = stream.ReadByte();
            stream.Position = stream.Length - 3;
            stream.WriteByte((byte)(value ^ 1));
            refused++;
        }
        file.Position = 0;
        var failure = Assert.ThrowsAny<Exception>(() => new MLContext(2).Model.Load(file, out _));
        Assert.Contains("damaged", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, refused);
    }

    [Fact]
    public void A_prediction_engine_gives_the_same_values_and_disposing_it_harms_no_other()
    {
        var expected = Column(_transformer.Transform(_data), "BoundaryDistance");
        var first = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(_transformer, _data.Schema);
        var second = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(_transformer, _data.Schema);
        var rows = TinyRows.Create(60, Width);
        Assert.Equal(expected[0], first.Predict(rows[0]).BoundaryDistance, 1e-4f);
        first.Dispose();
        Assert.Equal(expected[1], second.Predict(rows[1]).BoundaryDistance, 1e-4f);
        second.Dispose();
    }

    [Fact]
    public void Rows_without_a_label_get_missing_values_or_those_of_the_predicted_class()
    {
        var unlabeled = _context.Transforms.DropColumns("Label").Fit(_data).Transform(_data);
        foreach (var (isKept, expected) in new[] { (false, 0f), (true, float.NaN) })
        {
            var undefined = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target =
                _target, BatchSize = 16, Seed = 5, KeepUndefined = isKept, UnknownLabels = UnknownLabelHandling.Missing }).Fit(_data);
            Assert.All(Column(undefined.Transform(unlabeled), "Loss"), loss => Assert.Equal(expected, loss));
        }
        Assert.Equal(Column(_transformer.Transform(_data), "Entropy"), Column(_transformer.Transform(unlabeled), "Entropy"));

        var confidence = Column(_transformer.Transform(unlabeled), "Confidence");
        Assert.Equal(Column(_transformer.Transform(_data), "Confidence").Zip(confidence).Count(pair => pair.First == pair.Second),
            Column(_transformer.Transform(_data), "LogitMargin").Count(margin => margin > 0));
        Assert.All(confidence, value => Assert.True(value >= 1f / TinyRows.Classes));
    }

    [Theory]
    [InlineData(UnknownLabelHandling.Predicted, "are those of the class that the target predicts")]
    [InlineData(UnknownLabelHandling.Missing, "are undefined")]
    public void Rows_of_classes_that_training_never_met_are_counted_in_one_warning(UnknownLabelHandling handling, string words)
    {
        var data = NamedRows.View(_context, NamedRows.Names);
        var rows = NamedRows.Create();
        foreach (var row in new[] { 3, 20, 59 })
            rows[row].Name = "rose";
        var fitted = _context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = _target, BatchSize = 16, Seed = 5, UnknownLabels = handling })
            .Fit(data);
        List<string> warnings = [];
        _context.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        var output = fitted.Transform(NamedRows.View(_context, rows, NamedRows.Names));
        var losses = Column(output, "Loss");
        Assert.Contains("3 of 60 rows", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains("'Label'", warnings[0], StringComparison.Ordinal);
        Assert.Contains(words, warnings[0], StringComparison.Ordinal);
        Assert.All(new[] { 3, 20, 59 }, row => Assert.Equal(handling == UnknownLabelHandling.Predicted, losses[row] > 0));
        warnings.Clear();
        Column(output, "Entropy");
        Column(fitted.Transform(data), "Loss");
        Assert.Empty(warnings);
    }

    [Fact]
    public void Only_the_columns_that_a_factor_needs_are_read()
    {
        var bindings = new FactorBindings(_transformer.Fitted, _data.Schema);
        Assert.Equal(["Features"], bindings.Dependencies([bindings.OutputSchema["Entropy"]]).Select(column => column.Name));
        Assert.Equal(
            ["Label", "Features"], bindings.Dependencies([bindings.OutputSchema["Label"], bindings.OutputSchema["Loss"]]).Select(column => column.Name));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        void Throws<T>(Func<object> action, params string[] words) where T : Exception
        {
            var failure = Assert.ThrowsAny<T>(action);
            Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
        }
        var rows = TinyRows.Create(9, Width);
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target, featureColumnName: "Nope").Fit(_data), "'Nope'");
        const string Columns = "'RowId', 'Features', 'Label'";
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target, rowIdColumnName: "RowID").Fit(_data), "row id column 'RowID'", Columns);
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target, rowIdColumnName: "RowID").GetOutputSchema(SchemaShapeOf(_data.Schema)),
            "row id column 'RowID'",
            Columns);
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target, labelColumnName: "label").Fit(_data), "label column 'label'", Columns);
        Throws<ArgumentOutOfRangeException>(() => TrainingRows.FromDataView(_data, rowIdColumnName: "RowID"), "row id column 'RowID'", Columns);
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target, featureColumnName: "RowId").Fit(_data), "'RowId'", "vector of Single");
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target, labelColumnName: "RowId").Fit(_data), "'RowId'", "key or Boolean");
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", _target).Fit(TinyRows.View(_context, TinyRows.Create(9, 4), 4)), "6", "4");
        Throws<InvalidOperationException>(() => _estimator.Fit(TinyRows.View(_context, rows[..1], Width)), "at least 2");
        rows[3].Features[2] = float.NaN;
        Throws<InvalidOperationException>(() => _estimator.Fit(TinyRows.View(_context, rows, Width)), "'Features'", "slot 2", "row 3");
        Throws<InvalidOperationException>(() => TrainingRows.FromDataView(TinyRows.View(_context, rows, Width)), "'Features'", "row 3");
        rows[3].Features[2] = 0;
        rows[4].RowId = rows[2].RowId;
        Throws<InvalidOperationException>(() => TrainingRows.FromDataView(TinyRows.View(_context, rows, Width)), "'RowId'", "'2'");
        foreach (var row in rows)
            row.Label = 1;
        Throws<InvalidOperationException>(() => TrainingRows.FromDataView(TinyRows.View(_context, rows, Width)), "same class");
        Throws<InvalidOperationException>(() => TrainingRows.FromDataView(TinyRows.View(_context, [], Width)), "at least 2");
    }

    private static SchemaShape SchemaShapeOf(DataViewSchema schema) => new MLContext(1).Transforms.CopyColumns("RowId", "RowId").GetOutputSchema(
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!.Invoke(
            null, [schema])!);

    private sealed class Output
    {
        public float BoundaryDistance { get; set; }
    }
}
