using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.USearch.Tests;

/// <summary>What the index finds, against the exact search.</summary>
public sealed class NativeIndexTests
{
    private const int Count = 5000;
    private const int Width = 16;
    private const int Queries = 200;

    public NativeIndexTests() => HnswNeighbors.Register();

    [Theory]
    [InlineData(true, 0.99)]
    [InlineData(false, 0.95)]
    public void Most_of_the_20_nearest_are_found(bool clustered, double least)
    {
        using var scope = torch.NewDisposeScope();
        using var points = Points(clustered);
        var (exact, approximate) = Search(points);
        var expected = exact.NeighborLabels.data<long>().ToArray().Chunk(NeighborSearch.Neighbors);
        var found = approximate.NeighborLabels.data<long>().ToArray().Chunk(NeighborSearch.Neighbors);
        var recall = expected.Zip(found, (all, some) => (double)all.Intersect(some).Count() / all.Length).Average();
        Assert.True(recall >= least, FormattableString.Invariant($"The recall is {recall:0.0000}."));
        Assert.All(found.Index(), row => Assert.DoesNotContain(row.Index, row.Item));
        Assert.All(approximate.MeanDistances().data<float>().Zip(exact.MeanDistances().data<float>()), pair => Assert.True(pair.First >= pair.Second - 1e-5f));
    }

    [Fact]
    public void The_same_points_give_the_same_neighbors_also_from_several_threads()
    {
        using var scope = torch.NewDisposeScope();
        using var points = Points(clustered: false);
        using var one = Index(points);
        using var other = Index(points);
        var expected = Found(one);
        Assert.Equal(expected, Found(other));
        Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(expected, Found(other)));

        ulong[][] Found(NativeIndex index) => [.. Enumerable.Range(0, Queries).Select(row =>
        {
            var found = new ulong[32];
            Assert.Equal(found.Length, index.Find(Row(points, row), found));
            return found;
        })];
    }

    /// <summary>Of many copies the graph loses some: the count is a lower bound.</summary>
    [Theory]
    [InlineData(10, 10)]
    [InlineData(30, 30)]
    [InlineData(300, 100)]
    public void Copies_are_counted_as_near_duplicates(int copies, int least)
    {
        using var scope = torch.NewDisposeScope();
        using var points = new RowMatrix(Count, Width, null);
        using var random = Points(clustered: false);
        for (var row = 0; row < Count; row++)
            points.Add(random.Slice(row < copies ? 0 : row, 1));
        var (exact, approximate) = Search(points);
        Assert.Equal(copies - 1, exact.NearDuplicates[0].item<float>());
        Assert.InRange(approximate.NearDuplicates[0].item<float>(), least - 1, copies - 1);
        if (copies > NeighborSearch.Neighbors)
            Assert.Equal(0, approximate.MeanDistances()[0].item<float>(), 1e-5);
    }

    [Fact]
    public void A_point_of_another_width_is_refused()
    {
        using var index = new NativeIndex(3, 1);
        Assert.Throws<ArgumentException>(() => index.Add([1, 0]));
        index.Add([1, 0, 0]);
        index.Complete();
        Assert.Throws<ArgumentException>(() => index.Find([1, 0, 0, 0], new ulong[1]));
    }

    [Fact]
    public void A_native_library_that_is_missing_is_told_with_the_remedy()
    {
        var error = NativeIndex.Unavailable(new DllNotFoundException("libusearch_c: libgomp.so.1: cannot open shared object file"));
        Assert.Contains("apt-get install libgomp1", error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot open shared object file", error.Message, StringComparison.Ordinal);
    }

    private static RowMatrix Points(bool clustered)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(5);
        var values = torch.randn([Count, Width], generator: generator);
        if (clustered)
            values = values * 0.3 + torch.randn([50, Width], generator: generator).repeat(Count / 50, 1);
        var points = new RowMatrix(Count, Width, null);
        points.Add(values / values.norm(dim: 1, keepdim: true));
        return points;
    }

    private static float[] Row(RowMatrix points, int row) => points.Slice(row, 1).data<float>().ToArray();

    private static NativeIndex Index(RowMatrix points)
    {
        var index = new NativeIndex(Width, Count);
        for (var row = 0; row < Count; row++)
            index.Add(Row(points, row));
        index.Complete();
        return index;
    }

    private static (NeighborSearch Exact, NeighborSearch Approximate) Search(RowMatrix points)
    {
        var state = NeighborIndex.Of(points, torch.arange(Count));
        try
        {
            var (queries, own) = (points.Slice(0, Queries), torch.arange(Queries));
            return (NeighborSearch.Run(queries, state, own), ApproximateNeighbors.Run(queries, state, own));
        }
        finally
        {
            DerivedOfState.Free(state);
        }
    }
}
