using System.Numerics.Tensors;
using TorchSharp;
using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// Groups of rows that are nearly the same, so that evaluation can keep each group within one fold: a hardness model that was trained on
/// a near-duplicate of a row has all but seen the row.
/// </summary>
/// <remarks>
/// Rows are centered by the column means and scaled to unit length. Two rows with a cosine similarity of at least the threshold share a group,
/// and so do rows connected through others. No pair is missed: unit vectors at least that similar are at most r = √(2 − 2 · threshold) apart,
/// and so are their projections onto a few fixed directions, which are compared first. That rules out nearly all pairs; the full product of
/// the rest is taken. Memory is two copies of the features; time is at worst O(n² · d), in practice far less.
/// Texts are compared by the target's representation of them. Tokens are names and not magnitudes: rows of tokens are compared as bags, by the
/// Bhattacharyya coefficient of their tokens' shares.
/// </remarks>
public static class NearDuplicateGroups
{
    /// <summary>Similarity from which rows count as near-duplicates unless told otherwise.</summary>
    public const double DefaultThreshold = 0.98;

    private const int Directions = 16;

    private const int RowsToLookAt = 16;

    // Rounding of single-precision products: identical rows may come out this much below 1.
    private const float Tolerance = 1e-6f;

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
            using var scope = torch.NewDisposeScope();
            var points = target.Embed(rows.AllFeatures());
            return Find(points.data<float>().ToArray(), (int)points.shape[1], threshold, cancellationToken);
        }
        return target is TorchTarget network && network.ReadsTokens(rows.SliceFeatures(0, Math.Min(rows.Count, RowsToLookAt)))
            ? new TokenBags(rows.FeatureValues, rows.FeatureCount).Groups(threshold, cancellationToken)
            : Find(rows.FeatureValues, rows.FeatureCount, threshold, cancellationToken);
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

        var (vectors, zeros) = UnitVectors(features, columns);
        var groups = new DisjointSets(features.Length / columns);
        for (var i = 1; i < zeros.Count; i++)
            groups.Join(zeros[0], zeros[i]);

        JoinSimilar(
            vectors, columns, [.. Enumerable.Range(0, features.Length / columns).Except(zeros)], (float)threshold - Tolerance, groups, cancellationToken);
        return groups.Numbers();
    }

    private static (float[] Vectors, List<int> Zeros) UnitVectors(float[] features, int columns)
    {
        var rows = features.Length / columns;
        var mean = new double[columns];
        for (var i = 0; i < features.Length; i++)
            mean[i % columns] += features[i] / (double)rows;

        var vectors = new float[features.Length];
        var zeros = new List<int>();
        for (var row = 0; row < rows; row++)
        {
            var original = features.AsSpan(row * columns, columns);
            var vector = vectors.AsSpan(row * columns, columns);
            for (var c = 0; c < columns; c++)
                vector[c] = (float)(original[c] - mean[c]);

            // What rounding leaves of a row that equals the mean has no direction either.
            var length = TensorPrimitives.Norm<float>(vector);
            if (length <= Tolerance * TensorPrimitives.Norm<float>(original))
                zeros.Add(row);
            else
                TensorPrimitives.Divide(vector, length, vector);
        }

        return (vectors, zeros);
    }

    private static void JoinSimilar(
        float[] vectors, int columns, int[] rows, float threshold, DisjointSets groups, CancellationToken cancellationToken)
    {
        var projections = Project(vectors, columns, rows);
        var first = Array.ConvertAll(rows, row => projections[row * Directions]);
        Array.Sort(first, rows);
        var sorted = new float[rows.Length * Directions];
        for (var i = 0; i < rows.Length; i++)
            projections.AsSpan(rows[i] * Directions, Directions).CopyTo(sorted.AsSpan(i * Directions));

        var radius = MathF.Sqrt(2 - 2 * threshold) + Tolerance;
        Parallel.For(0, rows.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            var projection = sorted.AsSpan(i * Directions, Directions);
            var vector = vectors.AsSpan(rows[i] * columns, columns);
            for (var j = i + 1; j < rows.Length && first[j] - first[i] <= radius; j++)
            {
                if (TensorPrimitives.Distance(projection, sorted.AsSpan(j * Directions, Directions)) <= radius
                    && !groups.Joined(rows[i], rows[j])
                    && TensorPrimitives.Dot(vector, vectors.AsSpan(rows[j] * columns, columns)) >= threshold)
                    groups.Join(rows[i], rows[j]);
            }
        });
    }

    // Coordinates along orthonormal directions: Gram-Schmidt of rows spread evenly over the data. Any directions are correct; directions
    // of the data themselves tell its rows apart best.
    private static float[] Project(float[] vectors, int columns, int[] rows)
    {
        var basis = new List<float[]>();
        for (var k = 0; k < rows.Length && basis.Count < Directions; k += Math.Max(1, rows.Length / (2 * Directions)))
        {
            var direction = vectors.AsSpan(rows[k] * columns, columns).ToArray();
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

        var projections = new float[vectors.Length / columns * Directions];
        Parallel.ForEach(rows, row =>
        {
            for (var k = 0; k < basis.Count; k++)
                projections[row * Directions + k] = TensorPrimitives.Dot<float>(vectors.AsSpan(row * columns, columns), basis[k]);
        });
        return projections;
    }
}
