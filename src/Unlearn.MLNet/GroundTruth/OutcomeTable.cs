using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>The outcomes of all rows for one unlearner: from its trials, and from the retrain pool of the same half or of both.</summary>
internal sealed class OutcomeTable
{
    private readonly IReadOnlyDictionary<string, int> _positions;
    private readonly bool _isExact;
    private readonly RetrainPool? _pool;
    private readonly IReadOnlyList<TrialResult> _results;

    private OutcomeTable(IReadOnlyDictionary<string, int> positions, bool isExact, RetrainPool? pool, IReadOnlyList<TrialResult> results)
    {
        _positions = positions;
        _isExact = isExact;
        _pool = pool;
        _results = results;
        Coverage = new int[positions.Count];
        foreach (var outcome in results.SelectMany(result => result.Outcomes))
            Coverage[positions[outcome.RowId]]++;
    }

    /// <summary>Prepares the tables of all unlearners.</summary>
    /// <param name="rowIds">Ids of all rows, which gives their order.</param>
    /// <param name="runs">For each unlearner, its trials and their results. The retrain pool comes from the first unlearner that <see cref="IUnlearner.MakesRetrainPool">makes one</see>.</param>
    /// <param name="half">The half of the trials, and of the pool, to look at; <see langword="null"/> for both.</param>
    /// <returns>One table per unlearner, in order.</returns>
    public static IReadOnlyList<OutcomeTable> Of(IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, int? half = null)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(runs);
        var positions = rowIds.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
        var results = runs.Select(run => Results(run.Plan, run.Run, half)).ToList();
        var maker = UnlearnerSet.RetrainPoolOf(runs.Select(run => run.Unlearner));
        var poolAt = maker is null ? -1 : runs.ToList().FindIndex(run => run.Unlearner == maker);
        var pool = poolAt < 0 ? null : new RetrainPool(rowIds.Count, positions, results[poolAt]);
        return [.. runs.Select((run, i) => new OutcomeTable(positions, run.Unlearner.IsExact, pool, results[i]))];
    }

    /// <summary>Number of trials that forgot each row.</summary>
    internal int[] Coverage { get; }

    /// <summary>Number of retrainings that never saw a row.</summary>
    internal int PoolCount(int row) => _pool?.Count(row) ?? 0;

    /// <summary>All outcomes that were measured for some row.</summary>
    public IReadOnlyList<OutcomeColumn> Columns() => [.. Enum.GetValues<Outcome>().Select(Column).Where(column => column.Means.Any(mean => !double.IsNaN(mean)))];

    /// <summary>One outcome of every row.</summary>
    /// <param name="outcome">Which.</param>
    public OutcomeColumn Column(Outcome outcome)
    {
        var values = new RowStatistics(_positions.Count);
        var censored = new RowStatistics(_positions.Count);
        foreach (var result in _results)
            for (var i = 0; i < result.Outcomes.Count; i++)
            {
                var row = _positions[result.Outcomes[i].RowId];
                var (value, isCensored) = Value(outcome, result, i, row);
                if (double.IsNaN(value))
                    continue;
                values.Add(row, value);
                censored.Add(row, isCensored ? 1 : 0);
            }
        var rows = Enumerable.Range(0, _positions.Count);
        return new() { Outcome = outcome, Means = [.. rows.Select(values.Mean)], StandardErrors = [.. rows.Select(row => Math.Sqrt(values.SquaredError(row) + PoolError(outcome, row)))], CensoredShares = [.. rows.Select(censored.Mean)] };
    }

    private (double Value, bool IsCensored) Value(Outcome outcome, TrialResult result, int position, int row)
    {
        var ofRow = result.Outcomes[position];
        var (retrained, deviation) = _pool?.Confidence(row, result.TrialId, ofRow) ?? (double.NaN, double.NaN);
        if (outcome == Outcome.StepsToForget)
            return result.Steps is null || double.IsNaN(deviation) ? (double.NaN, false) : OutcomeFormulas.StepsToForget(ofRow, result.Steps, position, retrained, deviation);
        var value = outcome switch
        {
            Outcome.Displacement => ofRow.ConfidenceBefore - (_isExact ? ofRow.ConfidenceAfter : retrained),
            Outcome.RetrainGap => OutcomeFormulas.RetrainGap(ofRow.ConfidenceAfter, retrained),
            Outcome.StandardizedRetrainGap => OutcomeFormulas.StandardizedRetrainGap(ofRow.ConfidenceAfter, retrained, deviation),
            Outcome.HarmonicScore => double.IsNaN(retrained) || Ratio(result.RetainedAccuracy, result.RetainedAccuracyBefore) is not { } retained || Ratio(result.TestAccuracy, result.TestAccuracyBefore) is not { } test
                ? double.NaN
                : OutcomeFormulas.HarmonicScore(OutcomeFormulas.RetrainGap(ofRow.ConfidenceAfter, retrained), retained, test),
            Outcome.PostUnlearningConfidence => ofRow.ConfidenceAfter,
            Outcome.MembershipResistance => _pool?.MemberProbability(row, result.TrialId, ofRow),
            Outcome.UnlearningExpansion => result.ChangedPredictions,
            Outcome.NeighborExpansion => ofRow.ChangedNeighbors,
            Outcome.ParameterShift => result.ParameterShift,
            Outcome.PerformanceShift => result.TestAccuracyBefore - result.TestAccuracy,
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "There is no such outcome."),
        };
        return (value ?? double.NaN, false);
    }

    private double PoolError(Outcome outcome, int row) => outcome is Outcome.RetrainGap || outcome is Outcome.Displacement && !_isExact ? _pool?.SquaredError(row) ?? double.NaN : 0;

    private static double? Ratio(double? after, double? before) => before > 0 ? after / before : null;

    private static List<TrialResult> Results(TrialPlan plan, TrialRun run, int? half)
    {
        var results = run.Results.ToDictionary(result => result.TrialId, StringComparer.Ordinal);
        return [.. plan.Trials.Where(trial => half is null || trial.Half == half).Select(trial => results.GetValueOrDefault(trial.Id)).OfType<TrialResult>()];
    }
}
