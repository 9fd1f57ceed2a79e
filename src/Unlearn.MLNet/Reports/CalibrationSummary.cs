namespace Unlearn.MLNet.Reports;

/// <summary>A calibration in a study's summary. Undefined numbers are null.</summary>
internal static class CalibrationSummary
{
    public static object Content(UnlearnerCalibration calibration) => new
    {
        Verdict = calibration.Verdict.ToString(),
        calibration.Explanation,
        calibration.Strength,
        calibration.StrengthScales,
        calibration.Specification,
        UndoneShare = Defined(calibration.UndoneShare),
        AccuracyLoss = Defined(calibration.AccuracyLoss),
        AccuracyLossAgainstTarget = Defined(calibration.Check?.Rung.Accuracy.LossAgainst(calibration.Check.TargetAccuracy)),
        SelectedUndoneShare = Defined(calibration.Chosen?.UndoneShare),
        SelectedAccuracyLoss = Defined(calibration.Chosen?.AccuracyLoss),
        calibration.ForgottenRows,
        calibration.ForgetSets,
        calibration.Retrainings,
        TargetConfidence = Defined(calibration.TargetConfidence),
        RetrainedConfidence = Defined(calibration.RetrainedConfidence),
        RetrainedError = Defined(calibration.RetrainedError),
        TargetAccuracy = Content(calibration.TargetAccuracy),
        RetrainedAccuracy = Content(calibration.RetrainedAccuracy),
        Check = calibration.Check is not { } check ? null : new
        {
            check.ForgetSets,
            check.TargetConfidence,
            Confidence = Defined(check.Rung.Confidence),
            check.RetrainedConfidence,
            check.RetrainedError,
            TargetAccuracy = Content(check.TargetAccuracy),
            Accuracy = Content(check.Rung.Accuracy),
            RetrainedAccuracy = Content(check.RetrainedAccuracy),
            check.Rung.Failure,
        },
        Budget = calibration.Options.AccuracyBudget,
        Rungs = calibration.Rungs.Select(rung => new
        {
            rung.Strength,
            UndoneShare = Defined(rung.UndoneShare),
            Confidence = Defined(rung.Confidence),
            Accuracy = Content(rung.Accuracy),
            AccuracyLoss = Defined(rung.AccuracyLoss),
            rung.Failure,
        }),
    };

    private static object Content(ModelAccuracy accuracy) => new { Retained = Defined(accuracy.Retained), Test = Defined(accuracy.Test) };

    private static double? Defined(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
