using System.Numerics.Tensors;
using TorchSharp;
using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>
/// Groups of rows that are nearly the same, so that evaluation can keep each group within one fold: a hardness model that was trained on
/// a near-duplicate of a row has all but seen the row.
/// </summary>
/// <remarks>
/// Rows are centered by the column means and scaled to unit length. Two rows with a cosine similarity of at least the threshold share a group,
/// and so do rows connected through others. No pair is missed: unit vectors at least that similar are at most r = √(2 − 2 · threshold) apart,
/// and so are their projections onto a few fixed directions, which are compared first. That rules out nearly all pairs; the full product of
/// the rest is taken. Rows are read in blocks: memory is two blocks of 64 MB at most, and some 150 bytes a row, beside the features; time is at
/// worst O(n² · d), in practice far less.
/// Texts are compared by the target's representation of them. Tokens are names and not magnitudes: rows of tokens are compared as bags, by the
/// Bhattacharyya coefficient of their tokens' shares.
/// </remarks>
public static class NearDuplicateGroups
{
    /// <summary>Similarity from which rows count as near-duplicates unless told otherwise.</summary>
    public const double DefaultThreshold = 0.98;

    private const int Directions = 16;

    private const int RowsToLookAt = 16;

    private const int ValuesAtOnce = 1 << 24;

    // Rows that stay in the processor's cache while the others pass by.
    private const int Tile = 32;

    /// <summary>Finds the groups of training rows: as bags of tokens where the target reads tokens, else as feature vectors.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="target">
    /// A target of these rows. A Torch module reads tokens if an embedding layer takes the features; token 0 is padding and does not count.
    /// </param>
    /// <param name="threshold">
    /// Least similarity of near-duplicates, in (0, 1]: of features the cosine after centering, of tokens Σ √(share · share) over the tokens that two
    /// rows have in common.
    /// </param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>The group of each row, numbered from 0 in order of first appearance. Rows of padding alone share a group.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is out of range.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static int[] Of(TrainingRows rows, ITarget target, double threshold = DefaultThreshold, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        if (target.TakesText)
        {
            using var points = Embeddings(rows, target, cancellationToken);
            return Find(points, threshold, cancellationToken);
        }
        using var scope = torch.NewDisposeScope();
        if (target is not TorchTarget network || !network.ReadsTokens(rows.SliceFeatures(0, Math.Min(rows.Count, RowsToLookAt))))
            return Find(rows.Values, threshold, cancellationToken);
        using var bags = new TokenBags(rows.Values, rows.StoreFolder);
        return bags.Groups(threshold, cancellationToken);
    }

    /// <summary>Finds the groups of feature vectors.</summary>
    /// <param name="features">Feature vectors, one after the other: row r, column c at <c>r * columns + c</c>. Finite.</param>
    /// <param name="columns">Length of one feature vector.</param>
    /// <param name="threshold">Least cosine similarity of near-duplicates after centering, in (0, 1]; compared in single precision, to 10⁻⁶.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>
    /// The group of each row, numbered from 0 in order of first appearance. Rows equal to the column means have no direction: they share a group
    /// with one another only.
    /// </returns>
    /// <exception cref="ArgumentException">A feature is not finite, or their number is not a multiple of <paramref name="columns"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="columns"/> or <paramref name="threshold"/> is out of range.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static int[] Find(float[] features, int columns, double threshold = DefaultThreshold, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        if (features.Length % columns != 0)
            throw new ArgumentException($"{features.Length} features are not a whole number of rows of {columns}.", nameof(features));

        if (Array.FindIndex(features, x => !float.IsFinite(x)) is >= 0 and var bad)
            throw new ArgumentException($"Row {bad / columns}, column {bad % columns} is {features[bad]}: features must be finite.", nameof(features));

        return Find(features.Chunk(columns), columns, threshold, cancellationToken);
    }

    /// <summary>Finds the groups of rows of finite numbers, which come one by one.</summary>
    internal static int[] Find(IEnumerable<float[]> rows, int width, double threshold, CancellationToken cancellationToken)
    {
        using var features = IFeatureSource.Create(folder: null, width);
        foreach (var row in rows)
            features.Add(row);
        return Find(features, threshold, cancellationToken);
    }

    /// <summary>Finds the groups of rows of finite numbers.</summary>
    /// <param name="features">The rows.</param>
    /// <param name="threshold">As of the public method.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <param name="valuesAtOnce">Values of a block; two blocks are in memory.</param>
    internal static int[] Find(IRowValues features, double threshold, CancellationToken cancellationToken, int valuesAtOnce = ValuesAtOnce)
    {
        if (features.Count == 0)
            return [];
        var vectors = new CenteredRows(features);
        var (places, zeros) = vectors.Split();
        var groups = new DisjointSets(features.Count);
        for (var i = 1; i < zeros.Length; i++)
            groups.Join(zeros[0], zeros[i]);
        JoinSimilar(vectors, places, (float)threshold - CenteredRows.Tolerance, groups, valuesAtOnce, cancellationToken);
        return groups.Numbers();
    }

    private static IFeatureSource Embeddings(TrainingRows rows, ITarget target, CancellationToken cancellationToken)
    {
        IFeatureSource? points = null;
        try
        {
            for (var start = 0; start < rows.Count; start += rows.AtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = torch.NewDisposeScope();
                var embedded = target.Embed(rows.SliceFeatures(start, Math.Min(rows.AtOnce, rows.Count - start)));
                points ??= IFeatureSource.Create(rows.StoreFolder, (int)embedded.shape[1]);
                foreach (var row in embedded.data<float>().ToArray().Chunk(points.Width))
                    points.Add(row);
            }
            return points!;
        }
        catch
        {
            points?.Dispose();
            throw;
        }
    }

    // Rows in the order of their first coordinate, block against block: blocks that are farther from one another than the radius are passed over.
    private static void JoinSimilar(
        CenteredRows vectors, int[] rows, float threshold, DisjointSets groups, int valuesAtOnce, CancellationToken cancellationToken)
    {
        var width = vectors.Width;
        var atOnce = Math.Clamp(valuesAtOnce / width, 1, Math.Max(1, rows.Length));
        var (own, others) = (new float[atOnce * width], rows.Length > atOnce ? new float[atOnce * width] : []);
        var (first, projections) = Sort(rows, Project(vectors, rows, own));
        var radius = MathF.Sqrt(2 - 2 * threshold) + CenteredRows.Tolerance;
        for (var start = 0; start < rows.Length; start += atOnce)
        {
            var end = Math.Min(start + atOnce, rows.Length);
            vectors.Read(new(rows, start, end - start), own);
            Compare((start, end, own), (start, end, own));
            for (var next = end; next < rows.Length && first[next] - first[end - 1] <= radius; next += atOnce)
            {
                var nextEnd = Math.Min(next + atOnce, rows.Length);
                vectors.Read(new(rows, next, nextEnd - next), others);
                Compare((start, end, own), (next, nextEnd, others));
            }
        }

        void Compare((int Start, int End, float[] Vectors) one, (int Start, int End, float[] Vectors) other) =>
            Parallel.For(0, (one.End - one.Start + Tile - 1) / Tile, new ParallelOptions { CancellationToken = cancellationToken }, tile =>
            {
                var from = one.Start + tile * Tile;
                var to = Math.Min(from + Tile, one.End);
                for (var j = Math.Max(from + 1, other.Start); j < other.End && first[j] - first[to - 1] <= radius; j++)
                {
                    var projection = projections.AsSpan(j * Directions, Directions);
                    var vector = other.Vectors.AsSpan((j - other.Start) * width, width);
                    for (var i = from; i < Math.Min(to, j); i++)
                        if (first[j] - first[i] <= radius
                            && TensorPrimitives.Distance(projections.AsSpan(i * Directions, Directions), projection) <= radius
                            && !groups.Joined(rows[i], rows[j])
                            && TensorPrimitives.Dot(one.Vectors.AsSpan((i - one.Start) * width, width), vector) >= threshold)
                            groups.Join(rows[i], rows[j]);
                }
            });
    }

    // Puts rows and projections in the order of the first coordinate.
    private static (float[] First, float[] Projections) Sort(int[] rows, float[] projections)
    {
        int[] order = [.. Enumerable.Range(0, rows.Length)];
        var first = Array.ConvertAll(order, i => projections[i * Directions]);
        Array.Sort(first, order);
        var sorted = new float[projections.Length];
        for (var i = 0; i < order.Length; i++)
            projections.AsSpan(order[i] * Directions, Directions).CopyTo(sorted.AsSpan(i * Directions));
        Array.ConvertAll(order, i => rows[i]).CopyTo(rows, 0);
        return (first, sorted);
    }

    // Coordinates along orthonormal directions: Gram-Schmidt of rows spread evenly over the data. Any directions are correct; directions
    // of the data themselves tell its rows apart best.
    private static float[] Project(CenteredRows vectors, int[] rows, float[] buffer)
    {
        var width = vectors.Width;
        var basis = new List<float[]>();
        for (var k = 0; k < rows.Length && basis.Count < Directions; k += Math.Max(1, rows.Length / (2 * Directions)))
        {
            var direction = new float[width];
            vectors.Read(new(rows, k, 1), direction);
            for (var pass = 0; pass < 2; pass++)
            {
                foreach (var known in basis)
                    TensorPrimitives.MultiplyAdd(known, -TensorPrimitives.Dot<float>(direction, known), direction, direction);
            }

            var length = TensorPrimitives.Norm<float>(direction);
            if (length > 0.1f)
            {
                TensorPrimitives.Divide(direction, length, direction);
                basis.Add(direction);
            }
        }

        var projections = new float[rows.Length * Directions];
        var atOnce = buffer.Length / width;
        for (var start = 0; start < rows.Length; start += atOnce)
        {
            var (from, count) = (start, Math.Min(atOnce, rows.Length - start));
            vectors.Read(new(rows, from, count), buffer);
            Parallel.For(0, count, i =>
            {
                for (var k = 0; k < basis.Count; k++)
                    projections[(from + i) * Directions + k] = TensorPrimitives.Dot<float>(buffer.AsSpan(i * width, width), basis[k]);
            });
        }
        return projections;
    }
}
