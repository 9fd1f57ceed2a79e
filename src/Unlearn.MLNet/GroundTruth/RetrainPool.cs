using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// Statistics of each row over exactly retrained models. Some models never saw the row ("out"); the others did ("in").
/// If the judged trial is itself one of these retrainings, its own model is left out of the "out" statistics.
/// </summary>
internal sealed class RetrainPool
{
    // With few models, Carlini et al. use one variance for all rows. Here, each row's variance moves from this mean variance to its own as the number
    // of models grows.
    private const double ModelsWorthOfMeanVariance = 8;
    private const double SmallestVariance = 1e-6;

    private readonly RowStatistics _confidences;
    private readonly RowStatistics _out;
    private readonly RowStatistics _in;
    private readonly double _outVariance;
    private readonly double _inVariance;
    private readonly HashSet<string> _members = new(StringComparer.Ordinal);

    /// <summary>Takes the pool from the trials of exact retraining.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="positions">Position of each row by its id.</param>
    /// <param name="results">The trials' results.</param>
    public RetrainPool(int rows, IReadOnlyDictionary<string, int> positions, IEnumerable<TrialResult> results)
    {
        (_confidences, _out, _in) = (new(rows), new(rows), new(rows));
        foreach (var result in results)
        {
            _members.Add(result.TrialId);
            foreach (var outcome in result.Outcomes)
            {
                var row = positions[outcome.RowId];
                _confidences.Add(row, outcome.ConfidenceAfter);
                if (outcome.LogitConfidenceAfter is { } logit)
                    _out.Add(row, logit);
            }
            AddInside(positions, result, rows);
        }
        (_outVariance, _inVariance) = (_out.MeanVariance(), _in.MeanVariance());
    }

    /// <summary>Number of retrainings that never saw a row.</summary>
    public int Count(int row) => _confidences.Count(row);

    /// <summary>Squared standard error of a row's p̄_R.</summary>
    public double SquaredError(int row) => _confidences.SquaredError(row);

    /// <summary>p̄_R and σ_R of a row, without the judged trial's own model; NaN if there are too few retrainings.</summary>
    public (double Mean, double Deviation) Confidence(int row, string trialId, RowOutcome outcome)
    {
        var (_, mean, variance) = _confidences.Without(row, _members.Contains(trialId) ? outcome.ConfidenceAfter : null);
        return (mean, Math.Sqrt(variance));
    }

    /// <summary>
    /// μ_R and σ_R of a row's ψ, without the judged trial's own model; <see langword="null"/> without a retraining, or if no row has two. σ_R moves
    /// from the mean over all rows to the row's own with their number.
    /// </summary>
    public (double Mean, double Deviation)? LogitConfidence(int row, string? trialId = null, double? own = null)
    {
        var outside = _out.Without(row, trialId is not null && _members.Contains(trialId) ? own : null);
        return outside.Count < 1 || double.IsNaN(_outVariance) ? null : Normal(outside, _outVariance);
    }

    /// <summary>Mean and standard deviation of a few values, with a deviation that is drawn towards a mean one.</summary>
    public static (double Mean, double Deviation) Normal((int Count, double Mean, double Variance) of, double meanVariance) => (of.Mean,
        Math.Sqrt(Math.Max(SmallestVariance, ((double.IsNaN(of.Variance) ? 0 : of.Count * of.Variance) + ModelsWorthOfMeanVariance * meanVariance)
            / ((double.IsNaN(of.Variance) ? 0 : of.Count) + ModelsWorthOfMeanVariance))));

    /// <summary>Probability that a trial's model was trained on a row; NaN with fewer than 2 "in" or 2 "out" models.</summary>
    public double MemberProbability(int row, string trialId, RowOutcome outcome)
    {
        if (outcome.LogitConfidenceAfter is not { } logit)
            return double.NaN;
        var outside = _out.Without(row, _members.Contains(trialId) ? logit : null);
        var inside = _in.Without(row, null);
        return outside.Count < 2 || inside.Count < 2
            ? double.NaN
            : OutcomeFormulas.MemberProbability(logit, Normal(inside, _inVariance), Normal(outside, _outVariance));
    }

    private void AddInside(IReadOnlyDictionary<string, int> positions, TrialResult result, int rows)
    {
        if (result.AllLogitConfidences is not { } logits || logits.Count != rows)
            return;
        var forgotten = result.Outcomes.Select(outcome => positions[outcome.RowId]).ToHashSet();
        for (var row = 0; row < rows; row++)
            if (!forgotten.Contains(row))
                _in.Add(row, logits[row]);
    }
}
