using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet.Measuring;

/// <summary>The nearest other rows of each row, by cosine in a target's representation φ.</summary>
internal static class NearestRows
{
    private const int SearchedAtOnce = 1024;

    /// <summary>Finds them.</summary>
    /// <returns>For each row the positions of its up to 20 nearest, nearest first; <see langword="null"/> where the target has no representation.</returns>
    /// <exception cref="OperationCanceledException">Stopped between two batches.</exception>
    public static int[][]? Find(ITarget target, TrainingRows rows, CancellationToken cancellationToken = default)
    {
        using var scope = torch.NewDisposeScope();
        if (Points(target, rows, cancellationToken) is not { } points)
            return null;
        // The search gives the labels of neighbors: with positions for labels it gives positions.
        var positions = HeldNumbers.Arange(rows.Count);
        var state = NeighborIndex.Of(points, positions);
        return
        [
            .. Starts(rows, SearchedAtOnce).SelectMany(start =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Search(Slice(points, start, SearchedAtOnce), Slice(positions, start, SearchedAtOnce), state);
            }),
        ];
    }

    /// <summary>Unit vectors of the rows in the target's representation φ, rows × dimensions.</summary>
    /// <returns>The vectors, which belong to the scope around; <see langword="null"/> where the target has no representation.</returns>
    /// <exception cref="OperationCanceledException">Stopped between two batches.</exception>
    public static torch.Tensor? Points(ITarget target, TrainingRows rows, CancellationToken cancellationToken = default)
    {
        try
        {
            return torch.cat(
                [.. Starts(rows, rows.AtOnce).Select(start =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var scope = torch.NewDisposeScope();
                    var features = rows.SliceFeatures(start, Math.Min(rows.AtOnce, rows.Count - start));
                    return NeighborIndex.UnitVectors(target.Embed(features)).MoveToOuterDisposeScope();
                })]);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static int[][] Search(torch.Tensor queries, torch.Tensor own, IReadOnlyDictionary<string, torch.Tensor> state)
    {
        using var scope = torch.NewDisposeScope();
        var found = NeighborSearch.Run(queries, state, own);
        var positions = found.NeighborLabels.data<long>().ToArray();
        var isThere = found.Similarities.isfinite().data<bool>().ToArray();
        var each = (int)found.Similarities.shape[1];
        return [.. Enumerable.Range(0, (int)queries.shape[0])
            .Select(row => Enumerable.Range(row * each, each).Where(i => isThere[i]).Select(i => (int)positions[i]).ToArray())];
    }

    private static IEnumerable<int> Starts(TrainingRows rows, int size) => Enumerable.Range(0, (rows.Count + size - 1) / size).Select(chunk => chunk * size);

    private static torch.Tensor Slice(torch.Tensor tensor, int start, int size) => tensor.narrow(0, start, Math.Min(size, tensor.shape[0] - start));
}
