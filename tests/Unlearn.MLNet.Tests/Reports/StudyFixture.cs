using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Hardness;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.Tests.Reports;

/// <summary>A small study made of plain arithmetic, the same on every machine, with the awkward cases: undefined figures, ids that need quoting.</summary>
internal static class StudyFixture
{
    private const int Rows = 30;

    public static StudyResult Study()
    {
        string[] ids = [.. Enumerable.Range(0, Rows).Select(row => row switch { 3 => "a,b", 4 => "say \"ä\"", _ => $"{row * 7}" })];
        return new StudyResult
        {
            Title = "Thirty rows & a tiny net",
            Seed = 42,
            Workers = 2,
            Target = new TargetSummary("MLP 8-4, 5 epochs", 1234, 40, 10, 0.925, 0.8),
            RowIds = ids,
            Labels = [.. Enumerable.Range(0, Rows).Select(row => row % 3)],
            ClassNames = ["cat", "dog", "bird's"],
            Factors =
            [
                new FactorColumn("Loss", "T0", [.. Enumerable.Range(0, Rows).Select(row => Share(row, 1) / 3)]),
                new FactorColumn("BoundaryDistance", "T1", [.. Enumerable.Range(0, Rows).Select(row => row == 5 ? float.NaN : 1e-7f - Share(row, 2))]),
                new FactorColumn("Constant", "T1", [.. Enumerable.Repeat(1f, Rows)]),
            ],
            Unlearners =
            [
                Unlearner("EU", 12, 1),
                Unlearner("FT", 6, 2) with { Failures = [Failure("a", "TrainingDivergedException: <NaN>"), Failure("b", "IOException: gone"), Failure("c", "TrainingDivergedException: <NaN>")] },
                Undefined(),
            ],
            RankCorrelation = [[1, 0.5, double.NaN], [0.5, 1, double.NaN], [double.NaN, double.NaN, double.NaN]],
            Seconds = new StudySeconds(12.5, 1.25, 0.5, 9, 1),
        };
    }

    public static RowPicture? Picture(string rowId) => int.TryParse(rowId, out var id) && id % 2 == 0
        ? new RowPicture(4, 4, id % 4 == 0 ? 1 : 3, [.. Enumerable.Range(0, id % 4 == 0 ? 16 : 48).Select(i => (byte)((i * 11) + id))])
        : null;

    private static float Share(int row, int salt) => ((row * 37) + (salt * 11)) % 101 / 101f;

    private static TrialFailure Failure(string trialId, string reason) => new(trialId, "FT", reason, IsTransient: false, Attempts: 1);

    private static UnlearnerResult Unlearner(string name, int trials, int salt)
    {
        double[] scores = [.. Enumerable.Range(0, Rows).Select(row => (double)Share(row, salt) * Share(row, salt))];
        var threshold = scores.OrderDescending().ElementAt(5);
        bool[] labels = [.. scores.Select(score => score >= threshold)];
        double[] predictions = [.. scores.Select((score, row) => ((3 * score) + Share(row, 5)) / 4)];
        return new UnlearnerResult
        {
            Name = name,
            Trials = trials,
            RetainedAccuracy = 0.9,
            TestAccuracy = 0.78,
            SecondsPerTrial = 0.5 / salt,
            CpuSecondsPerTrial = 0.25 / salt,
            Outcomes =
            [
                Column(Outcome.Displacement, row => scores[row]),
                .. salt == 2 ? new[] { Column(Outcome.StepsToForget, row => row % 4), Column(Outcome.ParameterShift, _ => 0.125) } : [],
            ],
            Scores = scores,
            Labels = labels,
            Evaluation = new HardnessEvaluation
            {
                Auc = new AucEstimate(0.875 + (salt / 64.0), 0.75, 0.9375),
                Ceiling = 0.96,
                AveragePrecision = 0.7,
                Spearman = 0.8,
                Predictions = predictions,
                Roc = RankStatistics.Roc(predictions, labels),
                LossAuc = 0.81,
                BestSingle = new SingleFactorAuc("Loss", 0.81, 0.5),
                SingleFactors =
                [
                    new SingleFactorAuc("Loss", 0.81, 0.5), new SingleFactorAuc("BoundaryDistance", 0.7, -0.9), new SingleFactorAuc("Constant", 0.5, double.NaN),
                ],
            },
        };
    }

    private static OutcomeColumn Column(Outcome outcome, Func<int, double> value) => new(
        outcome, [.. Enumerable.Range(0, Rows).Select(value)], [.. Enumerable.Repeat(0.0625, Rows)], [.. Enumerable.Range(0, Rows).Select(row => outcome == Outcome.StepsToForget && row % 4 == 3 ? 0.5 : 0)]);

    // What a study reports when no label could be made.
    private static UnlearnerResult Undefined() => new()
    {
        Name = "None",
        Trials = 0,
        RetainedAccuracy = double.NaN,
        TestAccuracy = double.NaN,
        SecondsPerTrial = double.NaN,
        Scores = [.. Enumerable.Repeat(double.NaN, Rows)],
        Labels = new bool[Rows],
        Evaluation = new HardnessEvaluation
        {
            Auc = new AucEstimate(double.NaN, double.NaN, double.NaN),
            Ceiling = double.NaN,
            AveragePrecision = double.NaN,
            Spearman = double.NaN,
            Predictions = [.. Enumerable.Repeat(double.NaN, Rows)],
            Roc = [],
            LossAuc = double.NaN,
            BestSingle = new SingleFactorAuc("Loss", double.NaN, double.NaN),
            SingleFactors = [],
        },
    };
}
