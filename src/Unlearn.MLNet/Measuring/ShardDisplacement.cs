using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Measuring;

/// <summary>How much more the model of a row's own shard is sure of the row than the models of the other shards.</summary>
internal static class ShardDisplacement
{
    /// <summary>p_y by the member that was trained on a row minus the mean p_y by the other members, in [−1, 1].</summary>
    /// <param name="members">The models, at least 2.</param>
    /// <param name="shards">For each row, the number of the member that was trained on it.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="positions">Positions of the rows to look at, ascending; <see langword="null"/> for all.</param>
    public static float[] Of(IReadOnlyList<ITarget> members, IReadOnlyList<int> shards, TrainingRows rows, int[]? positions)
    {
        double[][] confidences = [.. members.Select(member => ModelAnswers.Of(member, rows, positions).Confidences)];
        return [.. Enumerable.Range(0, confidences[0].Length).Select(i =>
        {
            var own = confidences[shards[positions?[i] ?? i]][i];
            var others = (confidences.Sum(member => member[i]) - own) / (members.Count - 1);
            return (float)(own - others);
        })];
    }
}
