using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline;

public sealed class TransformerDisposalTests : IDisposable
{
    private const int Width = 6;
    private static readonly List<TinyRows.Row> Rows = TinyRows.Create(40, Width);
    private readonly MLContext _context = new(1);
    private readonly WatchedTarget _target = new(Width, TinyRows.Classes);
    private readonly IDataView _data;
    private readonly UnlearnFactorsEstimator _estimator;
    private readonly UnlearnFactorsTransformer _transformer;

    public TransformerDisposalTests()
    {
        _data = TinyRows.View(_context, Rows, Width);
        _estimator = _context.Transforms.UnlearnFactors(
            new UnlearnFactorsEstimator.Options { Target = _target, Factors = [HardnessFactors.Entropy, HardnessFactors.NeighborDistance], BatchSize = 8 });
        _transformer = _estimator.Fit(_data);
    }

    public void Dispose() => _target.Dispose();

    private WatchedTarget Copy => Assert.Single(_target.Copies);

    private float[] Expected() => [.. _estimator.Fit(_data).Transform(_data).GetColumn<float>("Entropy")];

    private static void IsRefused(Func<object?> action)
    {
        var failure = Assert.Throws<ObjectDisposedException>(action);
        Assert.Contains("UnlearnFactorsTransformer was disposed", failure.Message, StringComparison.Ordinal);
        Assert.Contains("OwnsTransformer = false", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_copy_and_the_statistics_are_freed_once_and_the_given_target_is_not()
    {
        var states = _transformer.Fitted.Model.States.Values.SelectMany(state => state.Values).ToList();
        Assert.NotEmpty(states);
        Assert.DoesNotContain(states, state => state.IsInvalid);
        _transformer.Dispose();
        _transformer.Dispose();
        Assert.Equal(1, Copy.Disposals);
        Assert.All(states, state => Assert.True(state.IsInvalid));
        Assert.Equal(0, _target.Disposals);
        Assert.Equal(40, _estimator.Fit(_data).Transform(_data).GetColumn<float>("Entropy").Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Where_no_factor_learns_anything_no_row_is_read(int folds)
    {
        var view = new WatchedView(_data);
        using var transformer = Estimator(HardnessFactors.Entropy).Fit(view);
        Assert.Equal(0, view.Opened);
        Assert.Equal(Expected(), transformer.Transform(_data).GetColumn<float>("Entropy"));
        using var learned = Estimator(HardnessFactors.Entropy, HardnessFactors.NeighborDistance).Fit(view);
        Assert.NotEqual(0, view.Opened);

        UnlearnFactorsEstimator Estimator(params IReadOnlyList<IHardnessFactor> factors) =>
            _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = _target, Factors = factors, CrossFitFolds = folds });
    }

    [Fact]
    public void A_disposed_transformer_refuses_every_use()
    {
        var view = _transformer.Transform(_data);
        var mapper = _transformer.GetRowToRowMapper(_data.Schema);
        _transformer.Dispose();
        IsRefused(() => _transformer.Transform(_data));
        IsRefused(() => _transformer.GetRowToRowMapper(_data.Schema));
        IsRefused(() => _transformer.GetOutputSchema(_data.Schema));
        var forTraining = typeof(UnlearnFactorsTransformer)
            .GetMethods(BindingFlags.Instance | BindingFlags.NonPublic)
            .Single(method => method.Name.EndsWith("TransformForTrainingPipeline", StringComparison.Ordinal));
        IsRefused(() => forTraining.Invoke(_transformer, BindingFlags.DoNotWrapExceptions, null, [_data], null));
        IsRefused(() =>
        {
            _context.Model.Save(_transformer, _data.Schema, Stream.Null);
            return null;
        });
        IsRefused(() => view.GetRowCursor(view.Schema));
        IsRefused(() => view.GetRowCursorSet(view.Schema, 2));
        using var row = _data.GetRowCursor(_data.Schema);
        IsRefused(() => mapper.GetRow(row, mapper.OutputSchema));
        Assert.Equal(["Entropy", "NeighborDistance"], _transformer.FactorNames);
    }

    [Fact]
    public void A_source_cursor_is_disposed_where_the_transformer_refuses_to_read_it()
    {
        var source = new WatchedView(_data);
        var view = _transformer.Transform(source);
        _transformer.Dispose();
        IsRefused(() => view.GetRowCursor(view.Schema));
        Assert.Equal((1, 1), (source.Opened, source.Disposed));
    }

    [Fact]
    public void Open_cursors_read_on_and_the_last_one_frees_the_copy()
    {
        var expected = Expected();
        _target.Copies.RemoveAt(1);
        var view = _transformer.Transform(_data);
        var column = view.Schema["Entropy"];
        var cursors = new[] { view.GetRowCursor([column]), view.GetRowCursor([column]) };
        Assert.True(cursors[0].MoveNext());
        _transformer.Dispose();
        foreach (var cursor in cursors)
        {
            Assert.Equal(0, Copy.Disposals);
            var value = 0f;
            var getter = cursor.GetGetter<float>(column);
            while (cursor.Position >= 0 || cursor.MoveNext())
            {
                getter(ref value);
                Assert.Equal(expected[cursor.Position], value);
                if (!cursor.MoveNext())
                    break;
            }
            cursor.Dispose();
            cursor.Dispose();
        }
        Assert.Equal(1, Copy.Disposals);
    }

    [Fact]
    public async Task A_thread_that_is_computing_ends_its_work_before_the_copy_is_freed()
    {
        var expected = Expected();
        _target.Copies.RemoveAt(1);
        using var isInside = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        Copy.OnLogits = () =>
        {
            isInside.Set();
            Assert.True(mayGoOn.Wait(TimeSpan.FromMinutes(1)));
        };
        var cancellation = TestContext.Current.CancellationToken;
        var reading = Task.Run(() => _transformer.Transform(_data).GetColumn<float>("Entropy").ToArray(), cancellation);
        Assert.True(isInside.Wait(TimeSpan.FromMinutes(1), cancellation));
        _transformer.Dispose();
        Assert.Equal(0, Copy.Disposals);
        mayGoOn.Set();
        Assert.Equal(expected, await reading);
        Assert.Equal(1, Copy.Disposals);
    }

    [Fact]
    public void Many_threads_either_get_right_values_or_are_refused()
    {
        var expected = Expected();
        for (var round = 0; round < 20; round++)
        {
            var fitted = _estimator.Fit(_data);
            var copy = _target.Copies[^1];
            var view = fitted.Transform(_data);
            Parallel.For(0, 8, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, thread =>
            {
                if (thread == 3)
                    fitted.Dispose();
                try
                {
                    Assert.Equal(expected, view.GetColumn<float>("Entropy").ToArray());
                }
                catch (ObjectDisposedException refused)
                {
                    Assert.Contains("UnlearnFactorsTransformer was disposed", refused.Message, StringComparison.Ordinal);
                }
            });
            Assert.Equal(1, copy.Disposals);
        }
    }

    [Fact]
    public void Two_prediction_engines_of_one_loaded_model_outlive_each_other()
    {
        using var training = TinyRows.Training(40, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), training);
        var fitted = _context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.Entropy, HardnessFactors.BoundaryDistance] })
            .Fit(_data);
        var expected = fitted.Transform(_data).GetColumn<float>("Entropy").ToArray();
        using var file = new MemoryStream();
        _context.Model.Save(fitted, _data.Schema, file);
        file.Position = 0;
        var loaded = _context.Model.Load(file, out _);

        var first = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(loaded, _data.Schema);
        var second = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(loaded, _data.Schema);
        Assert.Equal(expected[0], first.Predict(Rows[0]).Entropy, 1e-5f);
        first.Dispose();
        Assert.Equal(expected[1], second.Predict(Rows[1]).Entropy, 1e-5f);
        IsRefused(() => _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(loaded, _data.Schema));
        second.Dispose();
        second.Dispose();
        Assert.Equal(expected, fitted.Transform(_data).GetColumn<float>("Entropy"));
    }

    [Fact]
    public void A_loaded_target_is_freed_with_its_transformer()
    {
        using var training = TinyRows.Training(40, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), training);
        using var file = new MemoryStream();
        _context.Model.Save(_context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(_data), _data.Schema, file);
        file.Position = 0;
        var loaded = Assert.IsType<UnlearnFactorsTransformer>(_context.Model.Load(file, out _) is var model && model is TransformerChain<ITransformer> chain
            ? chain.Single()
            : model);
        var parameters = ((TorchTarget)loaded.Fitted.Model.Target).Module.parameters().ToList();
        Assert.DoesNotContain(parameters, parameter => parameter.IsInvalid);
        ((IDisposable)model).Dispose();
        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public void A_loaded_model_of_MLNet_is_disposed_and_one_that_was_given_is_not()
    {
        var blackBox = _context.Transforms.NormalizeMinMax("Features").Append(_context.MulticlassClassification.Trainers.NaiveBayes()).Fit(_data);
        using var given = Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(blackBox, _data.Schema));
        MLNetTarget Of(ITransformer transformer, bool isOwn) =>
            new(transformer, given.InputSchema, given.FeatureColumnName, given.Score, given.ScoreKind, given.Limitation) { OwnsTransformer = isOwn };
        var (own, shared) = (new WatchedTransformer(blackBox), new WatchedTransformer(blackBox));
        var owner = Of(own, isOwn: true);
        owner.Clone().Dispose();
        Assert.Equal(0, own.Disposals);
        owner.Dispose();
        Of(shared, isOwn: false).Dispose();
        Assert.Equal((1, 0), (own.Disposals, shared.Disposals));

        using var file = new MemoryStream();
        _context.Model.Save(_context.Transforms.UnlearnFactors("UnlearnFactors", given).Fit(_data), _data.Schema, file);
        file.Position = 0;
        var loaded = _context.Model.Load(file, out _);
        Assert.True(((MLNetTarget)((UnlearnFactorsTransformer)(loaded is TransformerChain<ITransformer> chain
            ? chain.Single()
            : loaded)).Fitted.Model.Target).OwnsTransformer);
    }

    [Fact]
    public void A_disposed_row_of_a_mapper_is_no_user_any_more()
    {
        using var input = _data.GetRowCursor(_data.Schema);
        var mapper = _transformer.GetRowToRowMapper(_data.Schema);
        var row = mapper.GetRow(input, mapper.OutputSchema);
        var getter = row.GetGetter<float>(mapper.OutputSchema["Entropy"]);
        _transformer.Dispose();
        Assert.True(input.MoveNext());
        var entropy = 0f;
        getter(ref entropy);
        Assert.True(entropy > 0);
        Assert.Equal(0, Copy.Disposals);
        row.Dispose();
        row.Dispose();
        Assert.Equal(1, Copy.Disposals);
    }

    // ML.NET's engines dispose their model but not their row.
    [Fact]
    public void What_an_engine_used_is_collected_with_it()
    {
        var copy = Used();
        for (var tries = 0; copy.IsAlive && tries < 10; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(copy.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Used()
        {
            using var engine = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(_estimator.Fit(_data), _data.Schema);
            engine.Predict(Rows[0]);
            var used = _target.Copies[^1];
            _target.Copies.Clear();
            return new(used);
        }
    }

    [Fact]
    public void An_engine_that_does_not_own_the_model_leaves_it_usable()
    {
        var engine = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(
            _transformer, new PredictionEngineOptions { InputSchemaDefinition = Schema(), OwnsTransformer = false });
        engine.Predict(Rows[0]);
        engine.Dispose();
        Assert.Equal(40, _transformer.Transform(_data).GetColumn<float>("Entropy").Count());
    }

    [Fact]
    public void A_chain_disposes_its_transformer_and_an_engine_made_before_goes_on()
    {
        var chain =
            _context.Transforms.CopyColumns("Before", "Features").Append(_estimator).Append(_context.Transforms.CopyColumns("After", "Entropy")).Fit(_data);
        var (without, with) = (_target.Copies[^1], chain.Transform(_data).GetColumn<float>("After").First());
        chain.Dispose();
        chain.Dispose();
        Assert.Equal(1, without.Disposals);
        IsRefused(() => chain.Transform(_data));

        chain = _context.Transforms.CopyColumns("Before", "Features").Append(_estimator).Append(_context.Transforms.CopyColumns("After", "Entropy")).Fit(_data);
        using var engine = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(chain, _data.Schema);
        chain.Dispose();
        Assert.Equal(0, _target.Copies[^1].Disposals);
        Assert.Equal(with, engine.Predict(Rows[0]).Entropy, 1e-5f);
        Assert.Equal(0, _target.Disposals);
    }

    [Fact]
    public void A_disposed_row_of_a_chain_is_no_user_any_more()
    {
        var chain =
            _context.Transforms.CopyColumns("Before", "Features").Append(_estimator).Append(_context.Transforms.CopyColumns("After", "Entropy")).Fit(_data);
        using var input = new WatchedView(_data).GetRowCursor(_data.Schema);
        var mapper = ((ITransformer)chain).GetRowToRowMapper(_data.Schema);
        var row = mapper.GetRow(input, mapper.OutputSchema);
        chain.Dispose();
        Assert.Equal(0, _target.Copies[^1].Disposals);
        row.Dispose();
        Assert.Equal(1, _target.Copies[^1].Disposals);
    }

    [Fact]
    public void Folds_free_their_statistics()
    {
        var rows = new FactorRows([.. Rows.SelectMany(row => row.Features)], [.. Rows.Select(row => (long)row.Label - 1)], null);
        List<FactorModel> models = [];
        var folds = CrossFittedModel.Fit(2, rows, from =>
        {
            models.Add(FactorModel.Fit(_target, [HardnessFactors.NeighborDistance], from, null, null, default, 8, 1, () => { }));
            return models[^1];
        });
        var states = models.SelectMany(model => model.States.Values).SelectMany(state => state.Values).ToList();
        Assert.DoesNotContain(states, state => state.IsInvalid);
        folds.DisposeStates();
        Assert.All(states, state => Assert.True(state.IsInvalid));
        Assert.Equal(0, _target.Disposals);
    }

    private static SchemaDefinition Schema()
    {
        var schema = SchemaDefinition.Create(typeof(TinyRows.Row));
        schema[nameof(TinyRows.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        return schema;
    }

    private sealed class Output
    {
        public float Entropy { get; set; }
    }

    /// <summary>A linear model that knows its copies and how often it was disposed.</summary>
    private sealed class WatchedTarget(int width, int classes) : ITarget
    {
        private int _disposals;

        public List<WatchedTarget> Copies { get; } = [];

        public int Disposals => _disposals;

        public Action OnLogits { get; set; } = () => { };

        public int ClassCount => classes;

        public int FeatureCount => width;

        public TargetCapabilities Capabilities => TargetCapabilities.Logits;

        public torch.Tensor Logits(torch.Tensor features)
        {
            OnLogits();
            Check();
            using var scope = torch.NewDisposeScope();
            var logits = features.matmul(torch.arange(width * classes, torch.float32).reshape(width, classes).sin());
            Check();
            return logits.MoveToOuterDisposeScope();
        }

        public torch.Tensor Embed(torch.Tensor features)
        {
            Check();
            return features.clone();
        }

        public ITarget Clone()
        {
            Copies.Add(new(width, classes));
            return Copies[^1];
        }

        public void Dispose() => Interlocked.Increment(ref _disposals);

        private void Check() => Assert.True(_disposals == 0, "A freed target was used.");
    }

    /// <summary>Counts how often it is disposed.</summary>
    private sealed class WatchedTransformer(ITransformer transformer) : ITransformer, IDisposable
    {
        public int Disposals { get; private set; }

        public bool IsRowToRowMapper => transformer.IsRowToRowMapper;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transformer.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transformer.GetRowToRowMapper(inputSchema);

        public IDataView Transform(IDataView input) => transformer.Transform(input);

        void ICanSaveModel.Save(ModelSaveContext ctx) => transformer.Save(ctx);

        public void Dispose() => Disposals++;
    }

    /// <summary>Counts the cursors that were opened and disposed.</summary>
    private sealed class WatchedView(IDataView source) : IDataView
    {
        public int Opened { get; private set; }

        public int Disposed { get; private set; }

        public bool CanShuffle => source.CanShuffle;

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            Opened++;
            return new Cursor(this, source.GetRowCursor(columnsNeeded, rand));
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];

        private sealed class Cursor(WatchedView view, DataViewRowCursor cursor) : DataViewRowCursor
        {
            public override DataViewSchema Schema => cursor.Schema;

            public override long Position => cursor.Position;

            public override long Batch => cursor.Batch;

            public override bool MoveNext() => cursor.MoveNext();

            public override bool IsColumnActive(DataViewSchema.Column column) => cursor.IsColumnActive(column);

            public override ValueGetter<DataViewRowId> GetIdGetter() => cursor.GetIdGetter();

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => cursor.GetGetter<TValue>(column);

            protected override void Dispose(bool disposing)
            {
                view.Disposed++;
                cursor.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}
