using System.Numerics;
using TorchSharp;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>The nearest training rows of some rows so far, as <see cref="NeighborSearch"/> orders them.</summary>
internal sealed class NearestKept
{
    private readonly int _rows;
    private readonly int _neighbors;
    private readonly float[] _nearest;
    private readonly int[] _ranks;
    private readonly long[] _positions;
    private readonly float[] _nearDuplicates;

    /// <param name="rows">Number of rows.</param>
    /// <param name="count">Number of training rows.</param>
    public NearestKept(int rows, long count)
    {
        (_rows, _neighbors) = (rows, (int)Math.Min(NeighborSearch.Neighbors, count));
        (_nearest, _ranks, _positions) = (new float[rows * _neighbors], new int[rows * _neighbors], new long[rows * _neighbors]);
        _nearDuplicates = new float[rows];
        Array.Fill(_nearest, float.NegativeInfinity);
        Array.Fill(_ranks, int.MinValue);
    }

    /// <summary>Adds consecutive training rows, which come after those that were added before.</summary>
    /// <param name="row">The row that they are near to.</param>
    /// <param name="similarities">Their cosines; −∞ for one to leave out.</param>
    /// <param name="start">Position of the first.</param>
    public void Add(int row, ReadOnlySpan<float> similarities, long start)
    {
        var from = row * _neighbors;
        _nearDuplicates[row] += Keep(
            similarities, start, new(_nearest.AsSpan(from, _neighbors), _ranks.AsSpan(from, _neighbors), _positions.AsSpan(from, _neighbors)));
    }

    /// <summary>The neighbors, with their labels; the tensors belong to the scope around the open one.</summary>
    public NeighborSearch Result(torch.Tensor labels) => new(
        torch.tensor(_nearest, [_rows, _neighbors]).MoveToOuterDisposeScope(),
        labels.index_select(0, torch.tensor(_positions)).reshape(_rows, _neighbors).MoveToOuterDisposeScope(),
        torch.tensor(_nearDuplicates).MoveToOuterDisposeScope());

    // Few similarities are above the least kept one, so most are passed over, several at once.
    private static int Keep(ReadOnlySpan<float> similarities, long start, Kept kept)
    {
        var nearDuplicates = Vector<int>.Zero;
        var near = new Vector<float>(NeighborSearch.NearDuplicateSimilarity);
        var least = new Vector<float>(kept.Least);
        var i = 0;
        for (; i <= similarities.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var some = new Vector<float>(similarities[i..]);
            nearDuplicates -= Vector.GreaterThanOrEqual(some, near);
            if (!Vector.GreaterThanAny(some, least))
                continue;
            for (var j = i; j < i + Vector<float>.Count; j++)
                kept.Insert(similarities[j], start + j);
            least = new(kept.Least);
        }
        var count = Vector.Sum(nearDuplicates);
        for (; i < similarities.Length; i++)
        {
            count += similarities[i] >= NeighborSearch.NearDuplicateSimilarity ? 1 : 0;
            kept.Insert(similarities[i], start + i);
        }
        return count;
    }

    private readonly ref struct Kept(Span<float> nearest, Span<int> ranks, Span<long> positions)
    {
        private const float Steps = 1 << 16;

        private readonly Span<float> _nearest = nearest;
        private readonly Span<int> _ranks = ranks;
        private readonly Span<long> _positions = positions;

        /// <summary>What a similarity must be above to be kept, a little less to be sure.</summary>
        public float Least => (_ranks[^1] + 0.49f) / Steps;

        public void Insert(float similarity, long position)
        {
            var place = _ranks.Length - 1;
            var rank = float.IsFinite(similarity) ? (int)MathF.Round(similarity * Steps) : int.MinValue;
            if (rank <= _ranks[place])
                return;
            for (; place > 0 && rank > _ranks[place - 1]; place--)
                (_nearest[place], _ranks[place], _positions[place]) = (_nearest[place - 1], _ranks[place - 1], _positions[place - 1]);
            (_nearest[place], _ranks[place], _positions[place]) = (similarity, rank, position);
        }
    }
}
