using System.Text.Json;
using Unlearn.MLNet.Studies;

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
        },
        AuditedRows = study.RowIds.Count,
        study.ClassNames,
        Factors = study.Factors.Select(f => new { f.Name, f.Tier }),
        Unlearners = study.Unlearners.Select(Content),
        RankCorrelation = study.RankCorrelation.Select(line => line.Select(Defined)),
        Seconds = new
        {
            Total = Defined(study.Seconds.Total),
            Target = Defined(study.Seconds.Target),
            Factors = Defined(study.Seconds.Factors),
            Trials = Defined(study.Seconds.Trials),
            Hardness = Defined(study.Seconds.Hardness),
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
        Ceiling = Defined(unlearner.Evaluation.Ceiling),
        LossAuc = Defined(unlearner.Evaluation.LossAuc),
        BestSingle = new { unlearner.Evaluation.BestSingle.Factor, Auc = Defined(unlearner.Evaluation.BestSingle.Auc) },
        AveragePrecision = Defined(unlearner.Evaluation.AveragePrecision),
        Spearman = Defined(unlearner.Evaluation.Spearman),
        RetainedAccuracy = Defined(unlearner.RetainedAccuracy),
        TestAccuracy = Defined(unlearner.TestAccuracy),
        SecondsPerTrial = Defined(unlearner.SecondsPerTrial),
        CpuSecondsPerTrial = Defined(unlearner.CpuSecondsPerTrial),
        Outcomes = unlearner.SummarizeOutcomes().Select(o => new
        {
            Outcome = o.Outcome.ToString(),
            o.Rows,
            Mean = Defined(o.Mean),
            MeanError = Defined(o.MeanError),
            CensoredShare = Defined(o.CensoredShare),
            Spearman = Defined(o.Spearman),
        }),
        SingleFactors = unlearner.Evaluation.SingleFactors.Select(f => new { f.Factor, Auc = Defined(f.Auc), Spearman = Defined(f.Spearman) }),
    };

    private static double? Defined(double value) => double.IsFinite(value) ? value : null;
}
