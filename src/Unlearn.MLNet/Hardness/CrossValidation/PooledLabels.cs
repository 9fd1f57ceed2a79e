using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>
/// Labels of all unlearners but one, pooled as training rows. Each row comes at most twice: with each label of up to two other unlearners, else with
/// two labels whose mean is, in expectation, the share of the other unlearners for which the row is hard. So a model on them takes as long for many
/// unlearners as for three.
/// </summary>
internal static class PooledLabels
{
    private const int Copies = 2;

    /// <summary>The training rows with their labels.</summary>
    /// <param name="labels">Labels of the rows, per unlearner; two unlearners or more.</param>
    /// <param name="leftOut">The unlearner that is left out.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="seed">Seed of the rounding of shares to labels; a row is rounded alike in all folds.</param>
    public static List<(int Row, bool Label)> Of(IReadOnlyList<IReadOnlyList<bool>> labels, int leftOut, IReadOnlyList<int> rows, long seed)
    {
        int[] others = [.. Enumerable.Range(0, labels.Count).Where(other => other != leftOut)];
        if (others.Length <= Copies)
            return [.. others.SelectMany(other => rows.Select(row => (row, labels[other][row])))];
        var random = new SeededRandom(Seed.Derive(seed, "pooled labels", leftOut));
        double[] draws = [.. Enumerable.Range(0, labels[leftOut].Count).Select(_ => random.NextDouble())];
        int[] hard = [.. rows.Select(row => (int)(Copies * others.Count(other => labels[other][row]) / (double)others.Length + draws[row]))];
        return [.. Enumerable.Range(0, Copies).SelectMany(copy => rows.Select((row, i) => (row, copy < hard[i])))];
    }
}
