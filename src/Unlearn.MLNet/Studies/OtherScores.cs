using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.Studies;

/// <summary>Evaluates the outcomes of an approximate unlearner that its score is not, each with its own AUC and ceiling.</summary>
internal static class OtherScores
{
    // Fewer rows than this give folds without hard rows, and intervals that say nothing.
    private const int FewestRows = 200;

    private static readonly Outcome[] Judged = [Outcome.RetrainGap, Outcome.ResidualShare, Outcome.UnlearningLira, Outcome.HarmonicScore];

    /// <summary>Number of outcomes of an approximate unlearner that are evaluated.</summary>
    public static int Count => Judged.Length;

    /// <summary>Evaluates them.</summary>
    /// <param name="rowIds">Ids of the rows.</param>
    /// <param name="runs">For each unlearner, its trials and their results.</param>
    /// <param name="tables">Their outcomes: from all trials, then from each half.</param>
    /// <param name="unlearner">Place of the unlearner; an exact one has none.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="groups">Group of each row.</param>
    /// <param name="options">Options; parts of the factors are not evaluated.</param>
    /// <param name="seed">Seed of folds and models.</param>
    /// <param name="cancellationToken">Stops between two models.</param>
    public static IReadOnlyList<ScoreEvaluation> Of(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<OutcomeTable>[] tables, int unlearner,
        IReadOnlyList<FactorColumn> factors, int[] groups, HardnessOptions options, int seed, CancellationToken cancellationToken) =>
        runs[unlearner].Unlearner.IsExact
            ? []
            : [.. Judged.Select(outcome => Of(HardnessScorer.Score(rowIds, runs, tables, unlearner, outcome), outcome, factors, groups,
                options with { Subsets = false, Permutations = 0 }, seed, cancellationToken))];

    private static ScoreEvaluation Of(
        HardnessScores scores, Outcome outcome, IReadOnlyList<FactorColumn> factors, int[] groups, HardnessOptions options, int seed,
        CancellationToken cancellationToken)
    {
        int[] rows = [.. Enumerable.Range(0, groups.Length).Where(row => !double.IsNaN(scores.All[row] + scores.Halves[0][row] + scores.Halves[1][row]))];
        if (rows.Length < FewestRows)
            return new()
            {
                Outcome = outcome,
                Rows = rows.Length,
                Auc = new() { Value = double.NaN, Low = double.NaN, High = double.NaN },
                Ceiling = double.NaN,
                Reliability = double.NaN,
                Reason = $"measured for {rows.Length} rows in both halves, fewer than {FewestRows}",
            };
        HardnessScores measured = new()
        {
            Unlearner = scores.Unlearner,
            All = Array.ConvertAll(rows, row => scores.All[row]),
            Halves = [.. scores.Halves.Select(half => Array.ConvertAll(rows, row => half[row]))],
        };
        return new()
        {
            Outcome = outcome,
            Rows = rows.Length,
            Auc = HardnessEvaluator.Auc([.. factors.Select(factor => factor with { Values = Array.ConvertAll(rows, row => factor.Values[row]) })],
                measured, Array.ConvertAll(rows, row => groups[row]), options, seed, cancellationToken),
            Ceiling = Ceiling.Oracle(measured, options.HardShare),
            Reliability = Ceiling.Reliability(measured, options.HardShare),
        };
    }
}
