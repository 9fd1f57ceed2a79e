namespace Unlearn.MLNet;

/// <summary>Whether groups tell of a row what forgetting it alone does: the score of some rows from both kinds of trials.</summary>
public sealed record GroupCheck
{
    private const int FewestRows = 3;

    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Ids of the compared rows.</summary>
    public required IReadOnlyList<string> RowIds { get; init; }

    /// <summary>Score of each row from the group trials.</summary>
    public required IReadOnlyList<double> GroupScores { get; init; }

    /// <summary>Score of each row from the single-row trials.</summary>
    public required IReadOnlyList<double> SingleRowScores { get; init; }

    /// <summary>Rank correlation of the two scores, in [−1, 1].</summary>
    public required double Spearman { get; init; }

    /// <summary>Rank correlation of the group scores between the halves, in [−1, 1].</summary>
    public required double GroupReliability { get; init; }

    /// <summary>Rank correlation of the single-row scores between the halves, in [−1, 1].</summary>
    public required double SingleRowReliability { get; init; }

    /// <summary>
    /// Rank correlation of one half's group scores with the other half's single-row scores, which share no trial and no retrained model: both ways averaged. Noise alone keeps it below
    /// about √(GroupReliability · SingleRowReliability).
    /// </summary>
    public double SpearmanAcrossHalves { get; init; } = double.NaN;

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
    /// <returns>The comparison; a row whose trials all failed in a half is left out.</returns>
    /// <exception cref="ArgumentException">No such unlearner, or too few or more rows than there are.</exception>
    /// <exception cref="InvalidOperationException">So many trials failed that fewer than 3 rows are left.</exception>
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
        if (rows < FewestRows || rows > rowIds.Count)
            throw new ArgumentException($"{rows} rows were to be checked: check at least {FewestRows}, and at most all {rowIds.Count}.", nameof(rows));

        var group = groups[index];
        var ofGroups = HardnessScorer.Score(rowIds, groups)[index];
        int[] byScore = [.. Enumerable.Range(0, rowIds.Count).OrderBy(row => ofGroups.All[row])];
        int[] chosen = [.. Enumerable.Range(0, rows).Select(i => byScore[(int)((i + 0.5) * rowIds.Count / rows)]).Order()];
        var plan = TrialPlanner.PlanSingleRows(unlearner, group.Plan.Context.Shared, [.. chosen.Select(row => rowIds[row])], repetitions, seed);
        var results = await run([plan], progress, cancellationToken).ConfigureAwait(false);

        double[][] ofHalves = [Single(0), Single(1)];
        // A row whose trials all failed in a half has no score there.
        int[] scored = [.. Enumerable.Range(0, chosen.Length).Where(i => !double.IsNaN(ofHalves[0][i] + ofHalves[1][i]))];
        if (scored.Length < FewestRows)
            throw new InvalidOperationException($"Only {scored.Length} of {rows} rows have an outcome in both halves of the single-row trials of {unlearner}. {TrialFailure.Summary(results.Failures, plan.Trials.Count)}");
        double[] single = Scored(Single(null)), ofChosen = Scored(Of(ofGroups.All));
        double[][] halves = [.. ofHalves.Select(Scored)], groupHalves = [.. ofGroups.Halves.Select(half => Scored(Of(half)))];
        return new()
        {
            Unlearner = unlearner,
            RowIds = [.. scored.Select(i => rowIds[chosen[i]])],
            GroupScores = ofChosen,
            SingleRowScores = single,
            Spearman = RankStatistics.Spearman(ofChosen, single),
            GroupReliability = RankStatistics.Spearman(groupHalves[0], groupHalves[1]),
            SingleRowReliability = RankStatistics.Spearman(halves[0], halves[1]),
            SingleRowHalves = halves,
            SpearmanAcrossHalves = (RankStatistics.Spearman(groupHalves[0], halves[1]) + RankStatistics.Spearman(groupHalves[1], halves[0])) / 2,
        };

        double[] Scored(double[] scores) => [.. scored.Select(i => scores[i])];

        double[] Single(int? half) => Of(OutcomeTable.Of(rowIds, [.. groups, new() { Unlearner = group.Unlearner, Plan = plan, Run = results }], half)[^1].Column(HardnessScorer.ScoreOf(group.Unlearner)).Means);

        double[] Of(IReadOnlyList<double> scores) => [.. chosen.Select(row => scores[row])];
    }
}
