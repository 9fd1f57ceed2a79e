using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Conformance;
using Unlearn.MLNet.Tests;
using Unlearn.Tests;
using Unlearn.Transforms;
using Unlearn.Transforms.Tests;
using Unlearn.USearch;
using Xunit;

namespace Unlearn.USearch.Tests;

/// <summary>Factors with approximate neighbors, from the estimator to a saved model.</summary>
public sealed class HnswNeighborsTests : IDisposable
{
    private const int Count = 300;
    private const int Width = 4;

    private static readonly IReadOnlyList<IHardnessFactor> Factors =
        [HardnessFactors.NeighborDistance, HardnessFactors.NeighborDisagreement, HardnessFactors.NearDuplicates];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(1);
    private readonly IDataView _data;
    private readonly TorchTarget _target;

    public HnswNeighborsTests()
    {
        HnswNeighbors.Register();
        _data = TinyRows.View(_context, TinyRows.Create(Count, Width), Width);
        using var rows = TrainingRows.FromDataView(_data);
        _target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes), rows, 1);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Factors_are_the_same_fitted_again_stored_and_saved()
    {
        using var first = Fit(1, null);
        using var stored = Fit(1, _folder.Path);
        var expected = Values(first);
        Assert.Equal(expected, Values(Fit(1, null)));
        Assert.Equal(expected, Values(stored));
        var path = Path.Combine(_folder.Path, "factors.zip");
        _context.Model.Save(stored, _data.Schema, path);
        using var loaded = (IDisposable)UnlearnModel.Load(_context, path, out _);
        Assert.Equal(expected, Values((ITransformer)loaded));
    }

    [Fact]
    public void Below_the_number_of_rows_neighbors_are_exact_bit_for_bit()
    {
        using var exact = Fit(null, null);
        using var below = Fit(Count + 1, null);
        using var at = Fit(Count, null);
        Assert.Equal(Values(exact), Values(below));
        Assert.DoesNotContain("hnsw", below.Fitted.Model.States["Neighbours"].Keys);
        Assert.Contains("hnsw", at.Fitted.Model.States["Neighbours"].Keys);
        // So few rows are all found; sums differ in their last bits.
        Assert.All(Values(exact).Zip(Values(at)), pair => Assert.All(pair.First.Zip(pair.Second), value => Assert.Equal(value.First, value.Second, 1e-4)));
    }

    [Fact]
    public void The_estimator_keeps_the_rules()
    {
        foreach (var check in EstimatorConformance.Checks(new()
        {
            CreateEstimator = context => context.Transforms.UnlearnFactors(Options(1, null)),
            CreateData = context => TinyRows.View(context, TinyRows.Create(60, Width), Width),
            InputColumnNames = ["Features", "Label"],
            OutputColumnNames = ["NeighborDistance", "UnlearnFactors"],
        }))
            check.Run();
    }

    [Fact]
    public void The_code_on_the_pages_runs()
    {
        Snippets.AssertIsIn("scale.md", "HnswNeighborsTests.cs", "neighbors");
        var (mlContext, target, data) = (_context, _target, _data);
        // <neighbors>
        HnswNeighbors.Register();
        var options = new UnlearnFactorsEstimator.Options { Target = target, ApproximateNeighborsFrom = 100_000 };
        using var factors = mlContext.Transforms.UnlearnFactors(options).Fit(data);
        // </neighbors>
        Assert.DoesNotContain("hnsw", factors.Fitted.Model.States["Neighbours"].Keys);
    }

    private UnlearnFactorsEstimator.Options Options(int? from, string? folder) =>
        new() { Target = _target, Factors = Factors, ApproximateNeighborsFrom = from, StoreFolder = folder, BatchSize = 32, Seed = 1 };

    private UnlearnFactorsTransformer Fit(int? from, string? folder) => _context.Transforms.UnlearnFactors(Options(from, folder)).Fit(_data);

    private float[][] Values(ITransformer transformer) => [.. transformer.Transform(_data).GetColumn<float[]>("UnlearnFactors")];
}
