using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;

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
        using var points = Points(target, rows, cancellationToken);
        if (points is null)
            return null;
        // The search gives the labels of neighbors: with positions for labels it gives positions.
        var positions = HeldNumbers.Arange(rows.Count);
        var state = NeighborIndex.Of(points, positions);
        return
        [
            .. Starts(rows, SearchedAtOnce).SelectMany(start =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var each = torch.NewDisposeScope();
                var count = Math.Min(SearchedAtOnce, rows.Count - start);
                return Search(points.Slice(start, count), positions.narrow(0, start, count), state);
            }),
        ];
    }

    /// <summary>Unit vectors of the rows in the target's representation φ, rows × dimensions: in a file where the rows are in one.</summary>
    /// <returns>The vectors, which the caller disposes; <see langword="null"/> where the target has no representation.</returns>
    /// <exception cref="OperationCanceledException">Stopped between two batches.</exception>
    public static RowMatrix? Points(ITarget target, TrainingRows rows, CancellationToken cancellationToken = default)
    {
        try
        {
            return Points(rows, target.Embed, cancellationToken);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Unit vectors of what a function makes of the rows' features.</summary>
    public static RowMatrix Points(TrainingRows rows, Func<torch.Tensor, torch.Tensor> embed, CancellationToken cancellationToken = default)
    {
        RowMatrix? points = null;
        try
        {
            foreach (var start in Starts(rows, rows.AtOnce))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = torch.NewDisposeScope();
                var vectors = NeighborIndex.UnitVectors(embed(rows.SliceFeatures(start, Math.Min(rows.AtOnce, rows.Count - start))));
                points ??= new(rows.Count, vectors.shape[1], rows.StoreFolder);
                points.Add(vectors);
            }
            return points!;
        }
        catch
        {
            points?.Dispose();
            throw;
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
}
