using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline;

/// <summary>One transformer, used by 64 threads at once: the bits that one thread gets.</summary>
public sealed class ManyThreadsTests : IDisposable
{
    private const int Threads = 64;
    private const int Predictions = 4;
    private const int Width = 6;

    private readonly MLContext _context = new(1);
    private readonly List<TinyRows.Row> _rows = TinyRows.Create(40, Width);
    private readonly IDataView _data;
    private readonly UnlearnFactorsTransformer _transformer;

    public ManyThreadsTests()
    {
        _data = TinyRows.View(_context, _rows, Width);
        using var training = TinyRows.Training(40, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), training);
        _transformer = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, BatchSize = 8, Seed = 1 }).Fit(_data);
    }

    public void Dispose() => _transformer.Dispose();

    [Fact]
    public void Transform_gives_the_same_bits() => EachThreadGets(Transformed);

    [Fact]
    public void Prediction_engines_give_the_same_bits() => EachThreadGets(Predicted);

    private float[] Transformed() => [.. _transformer.Transform(_data).GetColumn<float[]>("UnlearnFactors").SelectMany(values => values)];

    // An engine is of one thread; the transformer behind it is of all.
    private float[] Predicted()
    {
        var schema = SchemaDefinition.Create(typeof(TinyRows.Row));
        schema[nameof(TinyRows.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        using var engine = _context.Model.CreatePredictionEngine<TinyRows.Row, Output>(
            _transformer, new PredictionEngineOptions { InputSchemaDefinition = schema, OwnsTransformer = false });
        return [.. _rows.Take(Predictions).SelectMany(row => engine.Predict(row).UnlearnFactors)];
    }

    private static void EachThreadGets(Func<float[]> compute)
    {
        var expected = compute();
        Assert.Contains(expected, value => value != 0);
        var results = new float[Threads][];
        var failures = new Exception?[Threads];
        using var start = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            try
            {
                start.SignalAndWait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
                results[thread] = compute();
            }
            catch (Exception cause)
            {
                failures[thread] = cause;
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.All(failures, Assert.Null);
        Assert.All(results, values => Assert.Equal(Bits(expected), Bits(values)));
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);

    private sealed class Output
    {
        public float[] UnlearnFactors { get; set; } = [];
    }
}
