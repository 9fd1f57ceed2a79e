using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Tests.MLNetModels.Trees;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Neighborhood;

/// <summary>Neighbors and centroids with the training rows' φ, or their leaves, in a file: the same, bit for bit.</summary>
public sealed class StoredNeighborTests : IDisposable
{
    private const int Count = 120;

    private static readonly IReadOnlyList<IHardnessFactor> Factors =
        [.. HardnessFactors.All.Where(factor => factor.Statistic == NeighborIndex.Instance)];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    [InlineData(true, 0)]
    public void Factors_are_the_same_fitted_saved_and_from_several_threads(bool ofTrees, int folds)
    {
        var table = TinyTrees.Create(Count);
        var data = TinyTrees.View(_context, table);
        var rows = new FactorRows(
            [.. table.SelectMany(row => row.Features)], [.. table.Select(row => row.Label ? 1L : 0)], [.. table.Select(row => RowKey.OfId(row.RowId))]);
        using var target = ofTrees ? MLNetTarget.FromTransformer(TinyTrees.Train("FastTree", _context, data), data.Schema) : Network(data);
        using var inMemory = Fit(null);
        using var stored = Fit(_folder.Path);
        Assert.IsType<StoredState>(State(stored), exactMatch: false);
        Assert.IsNotType<StoredState>(State(inMemory), exactMatch: false);
        Assert.Equal(State(inMemory).Keys, State(stored).Keys);

        var expected = Values(inMemory);
        Assert.Equal(expected, Values(stored));
        Parallel.For(0, 4, _ => Assert.Equal(expected, Values(stored)));
        Assert.Equal(OutOfFold(inMemory), OutOfFold(stored));
        Assert.Equal(expected, Values(SavedAndLoaded(stored)));

        UnlearnFactorsTransformer Fit(string? folder) => new MLContext(1).Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target, Factors = Factors, StoreFolder = folder, BatchSize = 16, CrossFitFolds = folds,
        }).Fit(data);

        float[][] Values(ITransformer transformer) => [.. transformer.Transform(data).GetColumn<float[]>("UnlearnFactors")];

        float[][] OutOfFold(UnlearnFactorsTransformer transformer)
        {
            var values = new float[Factors.Count][];
            transformer.Fitted.CrossFitted?.Compute([.. Enumerable.Range(0, Factors.Count)], rows, values);
            return values;
        }

        ITransformer SavedAndLoaded(UnlearnFactorsTransformer transformer)
        {
            using var file = new MemoryStream();
            _context.Model.Save(transformer, data.Schema, file);
            file.Position = 0;
            return _context.Model.Load(file, out _);
        }
    }

    [Fact]
    public void The_file_is_gone_with_the_transformer_and_with_a_fit_that_fails()
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(Count));
        using var target = Network(data);
        using var stop = new CancellationTokenSource();
        var options = new UnlearnFactorsEstimator.Options { Target = target, Factors = Factors, StoreFolder = _folder.Path, BatchSize = 16 };
        var transformer = _context.Transforms.UnlearnFactors(options).Fit(data);
        var state = State(transformer);
        transformer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => state["points"]);
        stop.Cancel();
        options.CancellationToken = stop.Token;
        Assert.Throws<OperationCanceledException>(() => _context.Transforms.UnlearnFactors(options).Fit(data));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_is_too_large_to_be_saved_is_told()
    {
        using var matrix = new RowMatrix(3_000_000, 1000, _folder.Path);
        var state = StoredState.Of([], "points", matrix);
        var error = Assert.Throws<InvalidOperationException>(() => state["points"]);
        Assert.Contains("3000000 training rows × 1000 numbers", error.Message, StringComparison.Ordinal);
        Assert.Contains("leave the neighborhood factors out", error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyDictionary<string, TorchSharp.torch.Tensor> State(UnlearnFactorsTransformer transformer) =>
        transformer.Fitted.Model.States[NeighborIndex.Instance.Name];

    private static TorchTarget Network(IDataView data)
    {
        using var rows = TrainingRows.FromDataView(data);
        return TinyRows.Trained(TorchArchitecture.Mlp(TinyTrees.Width, 2, 4), rows, 1);
    }
}
