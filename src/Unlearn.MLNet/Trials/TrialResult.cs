using Unlearn.MLNet.Measuring;

namespace Unlearn.MLNet.Trials;

/// <summary>
/// The measurements of one trial. A value that was not measured is <see langword="null"/>: it does not exist for the model, or an older version ran
/// the trial.
/// </summary>
internal sealed record TrialResult
{
    /// <summary>Id of the trial's spec.</summary>
    public required string TrialId { get; init; }

    /// <summary>One outcome per forgotten row, in the order of the spec's ids.</summary>
    public required IReadOnlyList<RowOutcome> Outcomes { get; init; }

    /// <summary>Accuracy of the unlearned model on the retained rows, in [0, 1].</summary>
    public required double RetainedAccuracy { get; init; }

    /// <summary>Accuracy of the unlearned model on the test rows, in [0, 1]; <see langword="null"/> without test rows.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>Wall-clock seconds of the unlearning itself.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds of the thread that unlearned, without threads that a trainer starts itself.</summary>
    public double? CpuSeconds { get; init; }

    /// <summary>
    /// Wall-clock seconds to make the model that the unlearner started from, such as SISA's first ensemble. <see langword="null"/> if it started from
    /// the target. Not part of <see cref="Seconds"/>.
    /// </summary>
    public double? PreparationSeconds { get; init; }

    /// <summary>Wall-clock seconds of the trial without measuring.</summary>
    internal double TotalSeconds => Seconds + (PreparationSeconds ?? 0);

    /// <summary>Accuracy of the model before unlearning on the same retained rows, in [0, 1].</summary>
    public double? RetainedAccuracyBefore { get; init; }

    /// <summary>Accuracy of the model before unlearning on the same test rows, in [0, 1].</summary>
    public double? TestAccuracyBefore { get; init; }

    /// <summary>Share of the retained rows with another predicted class than before unlearning, in [0, 1].</summary>
    public double? ChangedPredictions { get; init; }

    /// <summary>‖θ_u − θ_0‖₂ / ‖θ_0‖₂ over all parameters, from 0; Torch modules only.</summary>
    public double? ParameterShift { get; init; }

    /// <summary>p_y of the forgotten rows while an unlearner changed the target step by step.</summary>
    public StepTrace? Steps { get; init; }

    /// <summary>
    /// log(p_y / (1 − p_y)) of every row of the study under the unlearned model, forgotten or not, in the order of the rows. Membership tests need these values
    /// from models that saw a row. Only exact retrainings that forget groups of rows have them.
    /// </summary>
    public IReadOnlyList<float>? AllLogitConfidences { get; init; }

    /// <summary>
    /// For unlearners that train a model for each shard of the rows: p_y of a row by the model that was trained on it minus the mean p_y by the other
    /// models, before anything was forgotten, in [−1, 1]. Of all rows of the study in their order, or of the forgotten rows alone where a trial
    /// forgets few.
    /// </summary>
    public IReadOnlyList<float>? ShardDisplacements { get; init; }

    /// <summary>Checks that this result fits a trial.</summary>
    /// <exception cref="ArgumentException">The result has another id or other rows, or a number is not finite.</exception>
    internal void Check(TrialSpec spec)
    {
        if (TrialId != spec.Id)
            throw new ArgumentException($"The result is of trial '{TrialId}', not of {spec}: give the result the spec's id.");
        if (Outcomes.Count != spec.ForgetIds.Count)
            throw OfOtherRows();
        if (!double.IsFinite(RetainedAccuracy) || !double.IsFinite(TestAccuracy ?? 0) || !double.IsFinite(Seconds))
            throw new ArgumentException($"Retained accuracy, test accuracy or seconds of {spec} is not a finite number.");
        double?[] others = [CpuSeconds, PreparationSeconds, RetainedAccuracyBefore, TestAccuracyBefore, ChangedPredictions, ParameterShift];
        var isFinite = others.All(value => double.IsFinite(value ?? 0))
            && AllLogitConfidences?.All(float.IsFinite) != false
            && ShardDisplacements?.All(float.IsFinite) != false;
        for (var i = 0; i < Outcomes.Count; i++)
        {
            var outcome = Outcomes[i];
            if (outcome.RowId != spec.ForgetIds[i])
                throw OfOtherRows();
            if (!double.IsFinite(outcome.ConfidenceBefore) || !double.IsFinite(outcome.ConfidenceAfter) || !double.IsFinite(outcome.LogitConfidenceAfter ?? 0))
                throw new ArgumentException(Invariant(
                    $"The confidence of row '{outcome.RowId}' in {spec} is not a finite number ({outcome.ConfidenceBefore} before, ")
                    + Invariant($"{outcome.ConfidenceAfter} after): the model diverged."));
            isFinite &= double.IsFinite(outcome.ChangedNeighbors ?? 0);
        }
        if (!isFinite)
            throw new ArgumentException($"An outcome of {spec} is not a finite number: the model diverged.");
        if (Steps is { } steps && steps.RowCount != Outcomes.Count)
            throw new ArgumentException($"The steps of {spec} are of {steps.RowCount} rows, not of its {Outcomes.Count}: "
                + "give one p_y per step and forgotten row, in the order of the spec.");

        ArgumentException OfOtherRows() =>
            new($"The outcomes of {spec} are not of its {spec.ForgetIds.Count} forgotten rows: give one outcome for each, in the order of the spec.");
    }
}
