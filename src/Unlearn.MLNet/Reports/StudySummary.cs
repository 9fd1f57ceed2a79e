using System.Text.Json;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports;

/// <summary>The figures of a study, without its rows, as JSON.</summary>
internal static class StudySummary
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static void Write(Stream stream, StudyResult study)
    {
        JsonSerializer.Serialize(stream, Content(study), Options);
        stream.WriteByte((byte)'\n');
    }

    private static object Content(StudyResult study) => new
    {
        study.Title,
        study.Seed,
        study.Workers,
        Target = new
        {
            study.Target.Description,
            study.Target.Parameters,
            study.Target.Rows,
            study.Target.TestRows,
            TrainAccuracy = Defined(study.Target.TrainAccuracy),
            TestAccuracy = Defined(study.Target.TestAccuracy),
            BalancedAccuracy = Defined(study.Target.BalancedAccuracy),
            MajorityShare = Defined(study.Target.MajorityShare),
            Recalls = study.Target.Recalls.Select(Defined),
            study.Target.Warning,
        },
        AuditedRows = study.RowIds.Count,
        study.ClassNames,
        Factors = study.Factors.Select(f => new { f.Name, Tier = f.Tier.ToString(), f.Family }),
        Unlearners = study.Unlearners.Select(Content),
        Agreement = study.Agreement is { } agreement ? Content(agreement, study.RowIds.Count) : null,
        SingleRows = study.SingleRows.Select(Content),
        Seconds = new
        {
            Total = Defined(study.TotalSeconds),
            Target = Defined(study.Seconds[StudyStage.Target]),
            Factors = Defined(study.Seconds[StudyStage.Factors]),
            Calibration = Defined(study.Seconds[StudyStage.Calibration]),
            Trials = Defined(study.Seconds[StudyStage.Trials]),
            Hardness = Defined(study.Seconds[StudyStage.Hardness]),
        },
    };

    private static object Content(UnlearnerResult unlearner) => new
    {
        unlearner.Name,
        unlearner.Trials,
        FailedTrials = unlearner.Failures.Count,
        FailureReasons = unlearner.Failures.Select(failure => failure.Reason).Distinct(),
        HardShare = Defined(unlearner.HardShare()),
        Auc = Defined(unlearner.Evaluation.Auc.Value),
        AucLow = Defined(unlearner.Evaluation.Auc.Low),
        AucHigh = Defined(unlearner.Evaluation.Auc.High),
        Ceiling = Defined(unlearner.Evaluation.Ceiling.Value),
        CeilingLow = Defined(unlearner.Evaluation.Ceiling.Low),
        CeilingHigh = Defined(unlearner.Evaluation.Ceiling.High),
        Reliability = Defined(unlearner.Evaluation.Reliability),
        AucWithoutNoise = Defined(unlearner.Evaluation.AucWithoutNoise),
        AboveNoiseShare = Defined(unlearner.Evaluation.AboveNoiseShare),
        AboveNoiseAuc = Defined(unlearner.Evaluation.AboveNoiseAuc),
        UndoneShare = Defined(unlearner.UndoneShare),
        UndoneShareOfHardRows = Defined(unlearner.UndoneShareOfHardRows),
        RetrainGap = Defined(unlearner.RetrainGap),
        RetrainGapFloor = Defined(unlearner.RetrainGapFloor),
        Nothing = unlearner.Evaluation.Nothing is { } nothing
            ? new
            {
                Auc = Defined(nothing.Auc),
                OwnAuc = Defined(nothing.OwnAuc),
                Spearman = Defined(nothing.Spearman),
                OwnSpearman = Defined(nothing.OwnSpearman),
                nothing.IsToldApart,
            }
            : null,
        OtherScores = unlearner.OtherScores.Select(score => new
        {
            Outcome = score.Outcome.ToString(),
            score.Rows,
            Auc = Content(score.Auc),
            Ceiling = Defined(score.Ceiling),
            Reliability = Defined(score.Reliability),
            score.Reason,
        }),
        ClassAuc = Defined(unlearner.Evaluation.ClassAuc),
        AucWithinClasses = unlearner.Evaluation.AucWithinClasses.Select(Defined),
        AucWithinConfidenceBands = Defined(unlearner.Evaluation.AucWithinConfidenceBands),
        LossAuc = Defined(unlearner.Evaluation.LossAuc),
        BestSingle = new { unlearner.Evaluation.BestSingle.Factor, Auc = Defined(unlearner.Evaluation.BestSingle.Auc) },
        AveragePrecision = Defined(unlearner.Evaluation.AveragePrecision),
        Spearman = Defined(unlearner.Evaluation.Spearman),
        RetainedAccuracy = Defined(unlearner.RetainedAccuracy),
        TestAccuracy = Defined(unlearner.TestAccuracy),
        SecondsPerTrial = Defined(unlearner.SecondsPerTrial),
        CpuSecondsPerTrial = Defined(unlearner.CpuSecondsPerTrial),
        PreparationSecondsPerTrial = Defined(unlearner.PreparationSecondsPerTrial),
        StrengthCalibration = unlearner.Calibration is { } strength ? CalibrationSummary.Content(strength) : null,
        Outcomes = unlearner.Outcomes.Select(o => new
        {
            Outcome = o.Outcome.ToString(),
            o.Rows,
            Mean = Defined(o.Mean),
            MeanError = Defined(o.MeanError),
            CensoredShare = Defined(o.CensoredShare),
            Spearman = Defined(o.SpearmanWith(unlearner.Scores)),
        }),
        SingleFactors = unlearner.Evaluation.SingleFactors.Select(f => new { f.Factor, Auc = Defined(f.Auc), Spearman = Defined(f.Spearman) }),
        BootstrapAuc = unlearner.Evaluation.BootstrapAuc is { } auc ? Content(auc) : null,
        CeilingShare = Defined(unlearner.Evaluation.CeilingShare),
        Verdicts = unlearner.Evaluation.Verdicts.Select(Content),
        Trainers = unlearner.Evaluation.Trainers.Distinct(),
        Subsets = unlearner.Evaluation.Subsets.Select(s => new
        {
            Kind = s.Kind.ToString(),
            s.Name,
            s.Factors,
            Auc = Defined(s.Auc.Value),
            AucLow = Defined(s.Auc.Low),
            AucHigh = Defined(s.Auc.High),
            Difference = Defined(s.Difference.Value),
            DifferenceLow = Defined(s.Difference.Low),
            DifferenceHigh = Defined(s.Difference.High),
            AveragePrecision = Defined(s.AveragePrecision),
            Spearman = Defined(s.Spearman),
        }),
        Importance = unlearner.Evaluation.Importance.Select(f => new { f.Name, f.IsFamily, Loss = Defined(f.Loss), Deviation = Defined(f.Deviation) }),
        Calibration = unlearner.Evaluation.Calibration is { } calibration ? new
        {
            Brier = Defined(calibration.Brier),
            BrierSkill = Defined(calibration.BrierSkill),
            ExpectedCalibrationError = Defined(calibration.ExpectedCalibrationError),
            Bins = calibration.Bins.Select(b => new { b.Low, b.High, b.Rows, Predicted = Defined(b.Predicted), Observed = Defined(b.Observed) }),
        } : null,
    };

    private static object Content(SingleRowResult single) => new
    {
        single.Unlearner,
        Rows = single.RowIds.Count,
        Spearman = Defined(single.Spearman),
        SpearmanWithoutNoise = Defined(single.SpearmanWithoutNoise),
        GroupReliability = Defined(single.GroupReliability),
        SingleRowReliability = Defined(single.SingleRowReliability),
        Auc = Content(single.Auc),
        GroupAuc = Content(single.GroupAuc),
        Ceiling = Defined(single.Ceiling),
    };

    private static object Content(UnlearnerAgreement agreement, int rows) => new
    {
        Transfer = new { agreement.Transfer.Names, Auc = agreement.Transfer.Auc.Select(line => line.Select(Content)) },
        LeaveOneOut = agreement.Transfer.Names.Select((name, i) => new
        {
            Unlearner = name,
            Auc = Content(agreement.LeaveOneOut[i]),
            Verdict = Content(agreement.LeaveOneOutVerdicts[i]),
        }),
        KendallsW = new
        {
            W = Defined(agreement.Concordance),
            PValue = Defined(agreement.ConcordancePValue),
            Independent = Defined(agreement.IndependentConcordance),
            Rankings = agreement.Transfer.Names.Count,
            Rows = rows,
        },
        AcrossHalves = new { Names = agreement.SpearmanNames, Spearman = agreement.SpearmanAcrossHalves.Select(line => line.Select(Defined)) },
    };

    private static object Content(AucEstimate auc) => new { Value = Defined(auc.Value), Low = Defined(auc.Low), High = Defined(auc.High) };

    private static object Content(Verdict verdict) =>
        new { Criterion = verdict.Criterion.ToString(), Value = Defined(verdict.Value), Target = Defined(verdict.Target), verdict.Passed, verdict.Reason };

    private static double? Defined(double value) => double.IsFinite(value) ? value : null;
}
