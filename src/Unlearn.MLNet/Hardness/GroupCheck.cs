using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.Hardness;

/// <summary>Whether groups tell of a row what forgetting it alone does: the score of some rows from both kinds of trials.</summary>
/// <param name="Unlearner">Name of the unlearner.</param>
/// <param name="RowIds">Ids of the rows.</param>
/// <param name="GroupScores">Their scores from the group trials.</param>
/// <param name="SingleRowScores">Their scores from the single-row trials.</param>
/// <param name="Spearman">Rank correlation of the two.</param>
/// <param name="GroupReliability">Rank correlation of the group scores between the halves: noise alone keeps <paramref name="Spearman"/> below about √(GroupReliability · SingleRowReliability).</param>
/// <param name="SingleRowReliability">The same of the single-row scores.</param>
public sealed record GroupCheck(
    string Unlearner, IReadOnlyList<string> RowIds, IReadOnlyList<double> GroupScores, IReadOnlyList<double> SingleRowScores, double Spearman, double GroupReliability, double SingleRowReliability)
{
    /// <summary>Scores from the first and from the second half of the single-row trials.</summary>
    public IReadOnlyList<IReadOnlyList<double>> SingleRowHalves { get; init; } = [];

    /// <summary>Runs single-row trials of some of the rows, spread evenly from the easiest to the hardest, and compares.</summary>
    /// <param name="run">Runs plans, as <see cref="TrialRunner"/> does. A ledger that has the unlearner's group trials takes those of single rows only where other plans are allowed.</param>
    /// <param name="rowIds">Ids of all rows.</param>
    /// <param name="groups">The unlearners' group trials and what came of them, exact retraining among them where the unlearner is approximate.</param>
    /// <param name="unlearner">Name of the unlearner to check.</param>
    /// <param name="rows">Number of rows to check, at least 3.</param>
    /// <param name="repetitions">How often each half forgets each of them, from 1.</param>
    /// <param name="seed">Root seed.</param>
    /// <param name="progress">Told of every trial; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops; finished trials stay in the ledger.</param>
    /// <exception cref="ArgumentException">No such unlearner, or too few or more rows than there are.</exception>
    public static async Task<GroupCheck> RunAsync(
        Func<IReadOnlyList<TrialPlan>, IProgress<TrialProgress>?, CancellationToken, Task<TrialRun>> run, IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> groups,
        string unlearner, int rows, int repetitions, long seed, IProgress<TrialProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(groups);
        var index = groups.ToList().FindIndex(group => group.Unlearner.Name == unlearner);
        if (index < 0)
            throw new ArgumentException($"There are no group trials of {unlearner}, only of {string.Join(", ", groups.Select(group => group.Unlearner.Name))}.", nameof(unlearner));
        if (rows < 3 || rows > rowIds.Count)
            throw new ArgumentException($"{rows} rows were to be checked: check at least 3, and at most all {rowIds.Count}.", nameof(rows));

        var group = groups[index];
        var ofGroups = HardnessScorer.Score(rowIds, groups)[index];
        int[] byScore = [.. Enumerable.Range(0, rowIds.Count).OrderBy(row => ofGroups.All[row])];
        int[] chosen = [.. Enumerable.Range(0, rows).Select(i => byScore[(int)((i + 0.5) * rowIds.Count / rows)]).Order()];
        var plan = TrialPlanner.PlanSingleRows(unlearner, group.Plan.Context.Shared, [.. chosen.Select(row => rowIds[row])], repetitions, seed);
        var results = await run([plan], progress, cancellationToken).ConfigureAwait(false);

        var (single, halves) = (Single(null), new[] { Single(0), Single(1) });
        var ofChosen = Of(ofGroups.All);
        return new(unlearner, [.. chosen.Select(row => rowIds[row])], ofChosen, single,
            RankStatistics.Spearman(ofChosen, single),
            RankStatistics.Spearman(Of(ofGroups.Halves[0]), Of(ofGroups.Halves[1])),
            RankStatistics.Spearman(halves[0], halves[1]))
        {
            SingleRowHalves = halves,
        };

        double[] Single(int? half) => Of(OutcomeTable.Of(rowIds, [.. groups, new(group.Unlearner, plan, results)], half)[^1].Column(HardnessScorer.ScoreOf(group.Unlearner)).Means);

        double[] Of(IReadOnlyList<double> scores) => [.. chosen.Select(row => scores[row])];
    }
}
