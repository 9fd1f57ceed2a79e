using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms.Factors.Neighborhood;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Neighborhood;

/// <summary>The seam of approximate neighbors, with an index that compares all points.</summary>
public sealed class ApproximateNeighborsTests : IDisposable
{
    private const int Count = 90;
    private const int Width = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_index_is_asked_where_it_is_there_and_named_where_it_is_missing()
    {
        var data = TinyRows.View(_context, TinyRows.Create(Count, Width), Width);
        using var rows = TrainingRows.FromDataView(data);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes), rows, 1);
        var options = new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.NeighborDisagreement], ApproximateNeighborsFrom = 2 };
        var missing = Assert.Throws<InvalidOperationException>(() => _context.Transforms.UnlearnFactors(options));
        Assert.Contains("HnswNeighbors.Register()", missing.Message, StringComparison.Ordinal);

        var path = Path.Combine(_folder.Path, "factors.zip");
        try
        {
            ApproximateNeighbors.Registered = new([7], (width, count) => new AllPoints());
            var transformer = _context.Transforms.UnlearnFactors(options).Fit(data);
            var found = Values(transformer);
            options.ApproximateNeighborsFrom = null;
            using var exact = _context.Transforms.UnlearnFactors(options).Fit(data);
            Assert.Equal(Values(exact), found);
            _context.Model.Save(transformer, data.Schema, path);
            Assert.Equal(0, AllPoints.Freed);
            transformer.Dispose();
            Assert.Equal(1, AllPoints.Freed);
            ApproximateNeighbors.Registered = new([8], (width, count) => new AllPoints());
            var other = Assert.Throws<FormatException>(() => UnlearnModel.Load(_context, path, out _));
            Assert.Contains("other settings than [8]", other.Message, StringComparison.Ordinal);
        }
        finally
        {
            ApproximateNeighbors.Registered = null!;
        }
        missing = Assert.ThrowsAny<InvalidOperationException>(() => UnlearnModel.Load(_context, path, out _));
        Assert.Contains("the package Unlearn.USearch", missing.Message, StringComparison.Ordinal);

        float[][] Values(ITransformer transformer) => [.. transformer.Transform(data).GetColumn<float[]>("UnlearnFactors")];
    }

    [Fact]
    public void A_number_of_rows_below_one_is_refused()
    {
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, 2), TorchDevice.Cpu, seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, ApproximateNeighborsFrom = 0 }));
    }

    private sealed class AllPoints : INearPoints
    {
        private readonly List<float[]> _points = [];
        private bool _isComplete;

        public static int Freed { get; private set; }

        public void Add(ReadOnlySpan<float> point) => _points.Add(point.ToArray());

        public void Complete() => _isComplete = true;

        public int Find(ReadOnlySpan<float> query, Span<ulong> positions)
        {
            Assert.True(_isComplete);
            var of = query.ToArray();
            ulong[] nearest = [.. Enumerable.Range(0, _points.Count).OrderByDescending(i => TensorPrimitives.Dot<float>(of, _points[i])).Select(i => (ulong)i)];
            nearest.AsSpan(0, positions.Length).CopyTo(positions);
            return positions.Length;
        }

        public void Dispose() => Freed++;
    }
}
