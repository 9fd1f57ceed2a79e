namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>Says in words how a calibration ended.</summary>
internal static class CalibrationWords
{
    /// <summary>Explains the verdict of a calibration.</summary>
    /// <param name="found">The calibration.</param>
    /// <param name="isTooCostly">Whether further strengths would have cost too much.</param>
    public static string Explain(UnlearnerCalibration found, bool isTooCostly)
    {
        var options = found.Options;
        var (name, rung) = (found.Unlearner, found.Chosen);
        var band = Invariant($"{options.LeastUndoneShare:0.##} to {options.LargestUndoneShare:0.##}");
        var budget = Invariant($"{100 * options.AccuracyBudget:0.#} points");
        var tried = found.Rungs.Count == 1 ? "the one strength" : $"the {found.Rungs.Count} strengths";
        var onOthers = found.Check is { Rung: { Failure: null } fresh }
            ? Invariant($" On forget sets that the search did not see, it undoes {fresh.UndoneShare:0.00} and loses {100 * fresh.AccuracyLoss:0.0} points.")
            : found.Check is { } failed ? Invariant($" On forget sets that the search did not see, it fails ({failed.Rung.Failure}).") : "";
        var cost = isTooCostly ? Invariant($" Further strengths would have taken more runs than {options.LargestCostShare:0.##} of the study's trials.") : "";
        return found.Verdict switch
        {
            CalibrationVerdict.Reached or CalibrationVerdict.NotConfirmed => Invariant(
                $"{name} at strength {rung!.Strength:0.###} undoes {rung.UndoneShare:0.00} of what retraining undoes, ")
                + $"and loses {Lost(rung)} of accuracy beyond retraining.{onOthers}"
                + (found.Verdict == CalibrationVerdict.Reached ? "" : " They do not confirm it."),
            CalibrationVerdict.StrongestWithinBudget => Invariant(
                $"{name} reaches no undone share of {band} within {budget} of accuracy beyond retraining: it {Shortfall(found)}. ")
                + Invariant($"At strength {rung!.Strength:0.###}, the best of {tried} tried, it undoes {rung.UndoneShare:0.00} ")
                + $"and loses {Lost(rung)}.{onOthers}{cost}",
            CalibrationVerdict.NothingFits => found.Rungs.All(of => of.Failure is not null) && found.Rungs.Count > 0
                ? Invariant($"Nothing fits the budget: {name} failed at {tried} tried ({found.Rungs[0].Failure}). It keeps its own options.{cost}")
                : $"Nothing fits the budget: {name} loses more than {budget} of accuracy beyond retraining, or diverges, at {tried} tried. "
                    + $"It keeps its own options.{cost}",
            CalibrationVerdict.BelowNoise => Invariant(
                $"Retraining moves the forgotten rows' mean confidence from {found.TargetConfidence:0.0000} to {found.RetrainedConfidence:0.0000} ± ")
                + Invariant($"{found.RetrainedError:0.0000}, which is within the noise: there is nothing to calibrate {name} to. It keeps its own options."),
            CalibrationVerdict.TooFewTrials => Invariant(
                $"The study has too few trials to try a strength of {name} in {options.LargestCostShare:0.##} as many runs. ")
                + $"It keeps its own options: ask for more trials, or raise {nameof(CalibrationOptions)}.{nameof(CalibrationOptions.LargestCostShare)}.",
            _ => $"{name} has no strength to adjust: it keeps its own options.",
        };

        static string Lost(CalibrationRung rung) => Invariant($"{100 * rung.AccuracyLoss:0.0} points");
    }

    /// <summary>Why no strength was good: the words after "it".</summary>
    /// <param name="found">A calibration that found a strength within the budget and none that is good.</param>
    public static string Shortfall(UnlearnerCalibration found)
    {
        var (chosen, options) = (found.Chosen!, found.Options);
        if (chosen.UndoneShare > options.LargestUndoneShare)
            return "overshoots already at its weakest";
        if (found.Rungs.FirstOrDefault(rung => rung.Strength > chosen.Strength) is not { } stronger)
            return "undoes too little up to its strongest";
        if (stronger.Failure is not null)
            return "fails before it undoes enough";
        return stronger.AccuracyLoss > options.AccuracyBudget ? "loses too much accuracy before it undoes enough"
            : stronger.UndoneShare > options.LargestUndoneShare ? "jumps from too little to too much" : "undoes too little at any strength";
    }
}
