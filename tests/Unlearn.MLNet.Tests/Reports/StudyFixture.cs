using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Reports.Sections;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

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
                new FactorColumn("BoundaryDistance", "T1", [.. Enumerable.Range(0, Rows).Select(row => row == 5 ? float.NaN : 1e-7f - Share(row, 2))]) { Family = "boundary proximity" },
                new FactorColumn("Constant", "T1", [.. Enumerable.Repeat(1f, Rows)]),
            ],
            Unlearners =
            [
                Unlearner("EU", 12, 1),
                Unlearner("FT", 6, 2) with { Failures = [Failure("a", "TrainingDivergedException: <NaN>"), Failure("b", "IOException: gone"), Failure("c", "TrainingDivergedException: <NaN>")] },
                Unlabelled(),
            ],
            RankCorrelation = [[1, 0.5, double.NaN], [0.5, 1, double.NaN], [double.NaN, double.NaN, double.NaN]],
            Agreement = Agreement(),
            SingleRows =
            [
                SingleRows("EU", 0.75, 0.64, 0.36),
                SingleRows("FT", -0.25, double.NaN, 0.5),
            ],
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
            PreparationSecondsPerTrial = salt == 2 ? 4.2 : double.NaN,
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
                BootstrapAuc = new AucEstimate(0.875 + (salt / 64.0), 0.74, 0.94),
                Scores = scores,
                Labels = labels,
                Folds = [.. Enumerable.Range(0, Rows).Select(row => row % 5)],
                Trainers = [.. Enumerable.Repeat("FastTree <small>", 5)],
                Subsets = salt == 1 ? Subsets() : [],
                Importance = [new FactorImportance("Loss", false, 0.125, 0.01), new FactorImportance("Constant", false, 0, double.NaN), new FactorImportance("boundary proximity", true, -0.002, 0.003)],
                Calibration = Calibration.Of(predictions, labels),
                Verdicts = [new Verdict(VerdictCriterion.AucInterval, 0.75, salt == 1 ? 0.7 : 0.82), new Verdict(VerdictCriterion.CeilingShare, salt == 1 ? 0.96 : double.NaN, 0.95)],
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

    private static SubsetAuc[] Subsets() =>
    [
        Subset(SubsetKind.Tier, "T0", 0.81, -0.08), Subset(SubsetKind.Tier, "T0–T1", 0.89, 0),
        Subset(SubsetKind.Family, "Loss", 0.81, -0.08), Subset(SubsetKind.Family, "boundary proximity", 0.7, double.NaN),
        Subset(SubsetKind.Without, "Loss", 0.7, -0.19), Subset(SubsetKind.Without, "boundary proximity", 0.9, 0.01),
    ];

    private static SubsetAuc Subset(SubsetKind kind, string name, double auc, double difference) => new(
        new FactorSubset(kind, name, ["Loss"]), new AucEstimate(auc, auc - 0.0625, auc + 0.0625), new AucDifference(difference, difference - 0.03125, difference + 0.03125), 0.5, 0.25);

    private static UnlearnerAgreement Agreement()
    {
        string[] names = ["EU", "FT", "None"];
        var auc = names.Select((_, a) => names.Select((_, b) => a == 2 || b == 2 ? Undefined : new AucEstimate(0.9 - (0.1 * Math.Abs(a - b)), 0.7, 0.95)).ToArray()).ToArray();
        return new UnlearnerAgreement(
            new TransferMatrix(names, auc),
            [.. names.Select((name, i) => new LeaveOneOutAuc(name, auc[i][0], new Verdict(VerdictCriterion.LeaveOneOut, auc[i][0].Value, 0.85)))],
            new KendallsW(0.71, 0.001, 3, Rows));
    }

    private static SingleRowResult SingleRows(string unlearner, double spearman, double groupReliability, double singleRowReliability) => new(
        new GroupCheck(unlearner, ["0", "7", "14"], [0, 0.5, 1], [0, 1, 0.5], spearman, groupReliability, singleRowReliability) { SpearmanAcrossHalves = 0.75 * spearman }, new AucEstimate(0.8125, 0.75, 0.875), new AucEstimate(0.90625, 0.875, 0.9375), 0.84375);

    private static AucEstimate Undefined => new(double.NaN, double.NaN, double.NaN);

    // What a study reports when no label could be made.
    private static UnlearnerResult Unlabelled() => new()
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
