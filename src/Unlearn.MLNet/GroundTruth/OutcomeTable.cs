using Unlearn.MLNet.Trials;
using Unlearn.Transforms;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>The outcomes of all rows for one unlearner: from its trials, and from the retrain pool of the same half or of both.</summary>
internal sealed class OutcomeTable
{
    private readonly IReadOnlyDictionary<string, int> _positions;
    private readonly bool _isExact;
    private readonly Lazy<RetrainPool?> _pool;
    private readonly IReadOnlyList<TrialResult> _results;
    private readonly Dictionary<Outcome, (RowStatistics Values, RowStatistics Censored)> _statistics = [];

    private OutcomeTable(IReadOnlyDictionary<string, int> positions, bool isExact, Lazy<RetrainPool?> pool, IReadOnlyList<TrialResult> results)
    {
        _positions = positions;
        _isExact = isExact;
        _pool = pool;
        _results = results;
    }

    /// <summary>Prepares the tables of all unlearners.</summary>
    /// <param name="rowIds">Ids of all rows, which gives their order.</param>
    /// <param name="runs">
    /// For each unlearner, its trials and their results. The retrain pool comes from the first unlearner that
    /// <see cref="IUnlearner.MakesRetrainPool">makes one</see>.
    /// </param>
    /// <param name="half">The half of the trials, and of the pool, to look at; <see langword="null"/> for both.</param>
    /// <param name="resample">Draws the trials of each unlearner with replacement, for a bootstrap; <see langword="null"/> to take each once.</param>
    /// <returns>One table per unlearner, in order.</returns>
    public static IReadOnlyList<OutcomeTable> Of(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, int? half = null, SeededRandom? resample = null)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(runs);
        var positions = rowIds.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
        var results = runs.Select(run => Results(run.Plan, run.Run, half, resample)).ToList();
        // Some outcomes need no pool, and a bootstrap makes many tables for one outcome.
        var poolAt = UnlearnerRun.RetrainPoolAt(runs);
        var pool = new Lazy<RetrainPool?>(() => poolAt < 0 ? null : new RetrainPool(rowIds.Count, positions, results[poolAt]));
        return [.. runs.Select((run, i) => new OutcomeTable(positions, run.Unlearner.IsExact, pool, results[i]))];
    }

    /// <summary>The retrain pool; <see langword="null"/> if no unlearner makes one.</summary>
    public RetrainPool? Pool => _pool.Value;

    /// <summary>Number of trials that measured an outcome of each row.</summary>
    public int[] Coverage(Outcome outcome)
    {
        var values = Statistics(outcome).Values;
        return [.. Enumerable.Range(0, _positions.Count).Select(values.Count)];
    }

    /// <summary>All outcomes that were measured for some row.</summary>
    public IReadOnlyList<OutcomeColumn> Columns() =>
        [.. Enum.GetValues<Outcome>().Select(Column).Where(column => column.Means.Any(mean => !double.IsNaN(mean)))];

    /// <summary>One outcome of every row.</summary>
    /// <param name="outcome">Which.</param>
    public OutcomeColumn Column(Outcome outcome)
    {
        var (values, censored) = Statistics(outcome);
        int[] rows = [.. Enumerable.Range(0, _positions.Count)];
        return outcome == Outcome.UnlearningLira
            ? new()
            {
                Outcome = outcome,
                Means = AttackAccuracies(values),
                StandardErrors = [.. rows.Select(_ => double.NaN)],
                CensoredShares = new double[rows.Length],
            }
            : new()
            {
                Outcome = outcome,
                Means = [.. rows.Select(values.Mean)],
                StandardErrors = [.. rows.Select(row => Math.Sqrt(values.SquaredError(row) + PoolError(outcome, row)))],
                CensoredShares = [.. rows.Select(censored.Mean)],
            };
    }

    /// <summary>
    /// Share of the needed displacement that an approximate unlearner undid, over some rows: (p̄₀ − p̄_u) / (p̄₀ − p̄_R), means over rows and trials.
    /// 0 is doing nothing, 1 is retraining; NaN for exact unlearners, without a pool, and where nothing had to move.
    /// </summary>
    /// <param name="isCounted">Whether a row counts, by its position.</param>
    public double UndoneShare(Func<int, bool> isCounted)
    {
        if (_isExact || Pool is null)
            return double.NaN;
        var (needed, moved) = (new RowStatistics(_positions.Count), new RowStatistics(_positions.Count));
        foreach (var outcome in _results.SelectMany(result => result.Outcomes))
        {
            var row = _positions[outcome.RowId];
            needed.Add(row, outcome.ConfidenceBefore - Pool.Confidence(row, "", outcome).Mean);
            moved.Add(row, outcome.ConfidenceBefore - outcome.ConfidenceAfter);
        }
        int[] rows = [.. Enumerable.Range(0, _positions.Count).Where(row => isCounted(row) && !double.IsNaN(needed.Mean(row)))];
        var sum = rows.Sum(needed.Mean);
        return sum > 0 ? rows.Sum(moved.Mean) / sum : double.NaN;
    }

    /// <summary>An outcome in every trial that measured it, in no particular order.</summary>
    public IEnumerable<double> Values(Outcome outcome) => Measured(outcome).Select(measured => measured.Value);

    private (RowStatistics Values, RowStatistics Censored) Statistics(Outcome outcome)
    {
        if (_statistics.TryGetValue(outcome, out var known))
            return known;
        var values = new RowStatistics(_positions.Count);
        var censored = new RowStatistics(_positions.Count);
        foreach (var (row, value, isCensored) in Measured(outcome))
        {
            values.Add(row, value);
            censored.Add(row, isCensored ? 1 : 0);
        }
        return _statistics[outcome] = (values, censored);
    }

    private IEnumerable<(int Row, double Value, bool IsCensored)> Measured(Outcome outcome)
    {
        foreach (var result in _results)
        {
            var isOfAllRows = outcome == Outcome.ShardDisplacement && result.ShardDisplacements?.Count == _positions.Count;
            for (var i = 0; i < (isOfAllRows ? _positions.Count : result.Outcomes.Count); i++)
            {
                var row = isOfAllRows ? i : _positions[result.Outcomes[i].RowId];
                var (value, isCensored) = outcome == Outcome.ShardDisplacement
                    ? (result.ShardDisplacements?[i] ?? double.NaN, false)
                    : Value(outcome, result, i, row);
                if (!double.IsNaN(value))
                    yield return (row, value, isCensored);
            }
        }
    }

    private (double Value, bool IsCensored) Value(Outcome outcome, TrialResult result, int position, int row)
    {
        var ofRow = result.Outcomes[position];
        if (outcome is Outcome.UnlearningLira)
            return (Pool is null || _isExact ? double.NaN : ofRow.LogitConfidenceAfter ?? double.NaN, false);
        if (outcome is Outcome.ResidualMemory)
            return (Pool?.LogitConfidence(row, result.TrialId, ofRow.LogitConfidenceAfter) is { } normal && ofRow.LogitConfidenceAfter is { } logit
                ? OutcomeFormulas.ResidualMemory(logit, normal)
                : double.NaN, false);
        var (retrained, deviation) = Pool?.Confidence(row, result.TrialId, ofRow) ?? (double.NaN, double.NaN);
        if (outcome == Outcome.StepsToForget)
            return result.Steps is null || double.IsNaN(deviation)
                ? (double.NaN, false)
                : OutcomeFormulas.StepsToForget(ofRow, result.Steps, position, retrained, deviation);
        var value = outcome switch
        {
            Outcome.Displacement => ofRow.ConfidenceBefore - (_isExact ? ofRow.ConfidenceAfter : retrained),
            Outcome.RetrainGap => OutcomeFormulas.RetrainGap(ofRow.ConfidenceAfter, retrained),
            Outcome.StandardizedRetrainGap => OutcomeFormulas.StandardizedRetrainGap(ofRow.ConfidenceAfter, retrained, deviation),
            Outcome.ResidualShare => _isExact
                ? double.NaN
                : OutcomeFormulas.ResidualShare(ofRow.ConfidenceBefore, ofRow.ConfidenceAfter, retrained, Math.Sqrt(Pool?.SquaredError(row) ?? double.NaN)),
            Outcome.HarmonicScore => double.IsNaN(retrained)
                || Ratio(result.RetainedAccuracy, result.RetainedAccuracyBefore) is not { } retained
                || Ratio(result.TestAccuracy, result.TestAccuracyBefore) is not { } test
                ? double.NaN
                : OutcomeFormulas.HarmonicScore(OutcomeFormulas.RetrainGap(ofRow.ConfidenceAfter, retrained), retained, test),
            Outcome.PostUnlearningConfidence => ofRow.ConfidenceAfter,
            Outcome.MembershipResistance => Pool?.MemberProbability(row, result.TrialId, ofRow),
            Outcome.UnlearningExpansion => result.ChangedPredictions,
            Outcome.NeighborExpansion => ofRow.ChangedNeighbors,
            Outcome.ParameterShift => result.ParameterShift,
            Outcome.PerformanceShift => result.TestAccuracyBefore - result.TestAccuracy,
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "There is no such outcome."),
        };
        return (value ?? double.NaN, false);
    }

    private double[] AttackAccuracies(RowStatistics unlearned)
    {
        var meanVariance = unlearned.MeanVariance();
        return [.. Enumerable.Range(0, _positions.Count).Select(row => unlearned.Count(row) >= 2 && Pool?.LogitConfidence(row) is { } retrained
            ? OutcomeFormulas.AttackAccuracy(RetrainPool.Normal((unlearned.Count(row), unlearned.Mean(row), unlearned.Variance(row)), meanVariance), retrained)
            : double.NaN)];
    }

    private double PoolError(Outcome outcome, int row) =>
        outcome is Outcome.RetrainGap || outcome is Outcome.Displacement && !_isExact ? Pool?.SquaredError(row) ?? double.NaN : 0;

    private static double? Ratio(double? after, double? before) => before > 0 ? after / before : null;

    private static List<TrialResult> Results(TrialPlan plan, TrialRun run, int? half, SeededRandom? resample)
    {
        var results = run.Results.ToDictionary(result => result.TrialId, StringComparer.Ordinal);
        List<TrialResult> ofHalf =
        [
            .. plan.Trials.Where(trial => half is null || trial.Half == half).Select(trial => results.GetValueOrDefault(trial.Id)).OfType<TrialResult>(),
        ];
        return resample is null || ofHalf.Count == 0 ? ofHalf : [.. ofHalf.Select(_ => ofHalf[resample.Next(ofHalf.Count)])];
    }
}
