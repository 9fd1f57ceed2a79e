using System.Numerics.Tensors;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>
/// Neighbors by an index in place of comparing all rows. The index proposes rows, whose cosines are then computed as in the exact search: it decides which
/// rows are seen, not how near they are. It is made of the points when it is first needed, also of a saved model's.
/// </summary>
internal static class ApproximateNeighbors
{
    /// <summary>Entry of a state whose neighbors are found by an index: the settings of the index.</summary>
    public const string Settings = "hnsw";

    /// <summary>Most rows that are proposed, and so most near-duplicates that are counted.</summary>
    public const int MostProposed = 4096;

    private const int Proposed = 32;
    private const long AddedAtOnce = 8192;

    /// <summary>A library that makes an index.</summary>
    /// <param name="Settings">What the index depends on, which is saved with a model.</param>
    /// <param name="Make">Makes an index, given the dimensions and the number of points.</param>
    public sealed record Library(IReadOnlyList<long> Settings, Func<int, long, INearPoints> Make);

    private static volatile Library? _library;

    /// <summary>The library of this process.</summary>
    /// <exception cref="InvalidOperationException">None was registered.</exception>
    public static Library Registered
    {
        get => _library ?? throw new InvalidOperationException("Neighbors are to be found approximately, but this process has no index for that: "
            + "reference the package Unlearn.USearch, and call HnswNeighbors.Register() first.");
        set => _library = value;
    }

    /// <summary>The nearest training rows among those that the index proposes.</summary>
    /// <param name="queries">The rows as points.</param>
    /// <param name="state">State of <see cref="NeighborIndex"/>.</param>
    /// <param name="ownPositions">Position of the training row to leave out for each row; −1 for none.</param>
    public static NeighborSearch Run(torch.Tensor queries, IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor ownPositions)
    {
        using var scope = torch.NewDisposeScope();
        var index = DerivedOfState.Get(state, () => Build(state));
        var own = ownPositions.data<long>().ToArray();
        var nearest = new NearestKept(own.Length, NeighborIndex.Count(state));
        queries = queries.contiguous();
        for (var row = 0; row < own.Length; row++)
        {
            using var rowScope = torch.NewDisposeScope();
            var (positions, similarities) = Nearby(FloatSpan.Of(queries, row), state, index);
            for (var i = 0; i < positions.Length; i++)
                if (positions[i] != own[row])
                    nearest.Add(row, similarities.AsSpan(i, 1), positions[i]);
        }
        return nearest.Result(state[NeighborIndex.Labels]);
    }

    // In the order of their positions. More are proposed as long as all are near-duplicates.
    private static (long[] Positions, float[] Similarities) Nearby(
        ReadOnlySpan<float> query, IReadOnlyDictionary<string, torch.Tensor> state, INearPoints index)
    {
        var most = Math.Min(MostProposed, NeighborIndex.Count(state));
        for (var count = Math.Min(Proposed, most);; count = Math.Min(count * 4, most))
        {
            var found = new ulong[count];
            var positions = Array.ConvertAll(found[..index.Find(query, found)], position => (long)position);
            Array.Sort(positions);
            using var points = NeighborIndex.Points(state, torch.tensor(positions));
            var similarities = new float[positions.Length];
            for (var i = 0; i < positions.Length; i++)
                similarities[i] = TensorPrimitives.Dot(query, FloatSpan.Of(points, i));
            if (count == most || positions.Length < count || similarities.Min() < NeighborSearch.NearDuplicateSimilarity)
                return (positions, similarities);
        }
    }

    private static INearPoints Build(IReadOnlyDictionary<string, torch.Tensor> state)
    {
        var (count, width) = (NeighborIndex.Count(state), (int)NeighborIndex.Block(state, 0, 1).shape[1]);
        var index = Registered.Make(width, count);
        try
        {
            for (var start = 0L; start < count; start += AddedAtOnce)
            {
                using var scope = torch.NewDisposeScope();
                var size = (int)Math.Min(AddedAtOnce, count - start);
                var points = FloatSpan.Of(NeighborIndex.Block(state, start, size).contiguous());
                for (var row = 0; row < size; row++)
                    index.Add(points.Slice(row * width, width));
            }
            index.Complete();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }
}
