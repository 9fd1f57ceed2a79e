using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
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
        var data = TinyTrees.View(_context, TinyTrees.Create(Count));
        using var target = ofTrees ? MLNetTarget.FromTransformer(TinyTrees.Train("FastTree", _context, data), data.Schema) : Network(data);
        using var inMemory = Fit(null);
        using var stored = Fit(_folder.Path);
        Assert.IsType<StoredState>(State(stored), exactMatch: false);
        Assert.IsNotType<StoredState>(State(inMemory), exactMatch: false);
        Assert.Equal(State(inMemory).Keys, State(stored).Keys);

        var expected = Values(inMemory);
        Assert.Equal(expected, Values(stored));
        Parallel.For(0, 4, _ => Assert.Equal(expected, Values(stored)));
        Assert.Equal(TrainingValues(inMemory), TrainingValues(stored));
        using (var loaded = SavedAndLoaded(stored))
            Assert.Equal(expected, Values(loaded));

        UnlearnFactorsTransformer Fit(string? folder) => new MLContext(1).Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target, Factors = Factors, StoreFolder = folder, BatchSize = 16, CrossFitFolds = folds,
        }).Fit(data);

        float[][] Values(UnlearnFactorsTransformer transformer) => [.. transformer.Transform(data).GetColumn<float[]>("UnlearnFactors")];

        float[][] TrainingValues(UnlearnFactorsTransformer transformer) =>
            [.. ((ITransformerWithDifferentMappingAtTrainingTime)transformer).TransformForTrainingPipeline(data).GetColumn<float[]>("UnlearnFactors")];

        UnlearnFactorsTransformer SavedAndLoaded(UnlearnFactorsTransformer transformer)
        {
            using var file = new MemoryStream();
            _context.Model.Save(transformer, data.Schema, file);
            file.Position = 0;
            return Assert.IsType<TransformerChain<ITransformer>>(_context.Model.Load(file, out var _)).OfType<UnlearnFactorsTransformer>().Single();
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

    private static IReadOnlyDictionary<string, TorchSharp.torch.Tensor> State(UnlearnFactorsTransformer transformer) =>
        transformer.Fitted.Model.States[NeighborIndex.Instance.Name];

    private static TorchTarget Network(IDataView data)
    {
        using var rows = TrainingRows.FromDataView(data);
        return TinyRows.Trained(TorchArchitecture.Mlp(TinyTrees.Width, 2, 4), rows, 1);
    }
}
