using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;

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
            Target =
                new TargetSummary { Description = "MLP 8-4, 5 epochs", Parameters = 1234, Rows = 40, TestRows = 10, TrainAccuracy = 0.925, TestAccuracy = 0.8 },
            RowIds = ids,
            Labels = [.. Enumerable.Range(0, Rows).Select(row => row % 3)],
            ClassNames = ["cat", "dog", "bird's"],
            Factors =
            [
                new FactorColumn { Name = "Loss", Tier = FactorTier.T0, Values = [.. Enumerable.Range(0, Rows).Select(row => Share(row, 1) / 3)] },
                new FactorColumn
                {
                    Name = "BoundaryDistance",
                    Tier = FactorTier.T1,
                    Values = [.. Enumerable.Range(0, Rows).Select(row => row == 5 ? float.NaN : 1e-7f - Share(row, 2))],
                    Family = "boundary proximity",
                },
                new FactorColumn { Name = "Constant", Tier = FactorTier.T1, Values = [.. Enumerable.Repeat(1f, Rows)] },
            ],
            Unlearners =
            [
                Unlearner("EU", 12, 1),
                Unlearner("FT", 6, 2) with { Failures =
                [
                    Failure("a", "TrainingDivergedException: <NaN>"),
                    Failure("b", "IOException: gone"),
                    Failure("c", "TrainingDivergedException: <NaN>"),
                ], Calibration = Calibrated() },
                Unlabeled() with { Calibration = BelowNoise() },
            ],
            NearestRows = [.. Enumerable.Range(0, Rows).Select(row => (IReadOnlyList<int>)[(row + 1) % Rows, (row + Rows - 1) % Rows])],
            Agreement = Agreement(),
            SingleRows =
            [
                SingleRows("EU", 0.75, 0.64, 0.36),
                SingleRows("FT", -0.25, double.NaN, 0.5),
            ],
            TotalSeconds = 12.5,
            Seconds = new Dictionary<StudyStage, double>
            {
                [StudyStage.Target] = 1.25,
                [StudyStage.Factors] = 0.5,
                [StudyStage.Calibration] = 0.25,
                [StudyStage.Trials] = 9,
                [StudyStage.Hardness] = 1,
            },
        };
    }

    public static RowPicture? Picture(string rowId) => int.TryParse(rowId, out var id) && id % 2 == 0
        ? new RowPicture(4, 4, id % 4 == 0 ? 1 : 3, [.. Enumerable.Range(0, id % 4 == 0 ? 16 : 48).Select(i => (byte)(i * 11 + id))])
        : null;

    private static float Share(int row, int salt) => (row * 37 + salt * 11) % 101 / 101f;

    private static TrialFailure Failure(string trialId, string reason) =>
        new() { TrialId = trialId, Unlearner = "FT", Reason = reason, IsTransient = false, Attempts = 1 };

    private static UnlearnerResult Unlearner(string name, int trials, int salt)
    {
        double[] scores = [.. Enumerable.Range(0, Rows).Select(row => (double)Share(row, salt) * Share(row, salt))];
        var threshold = scores.OrderDescending().ElementAt(5);
        bool[] labels = [.. scores.Select(score => score >= threshold)];
        double[] predictions = [.. scores.Select((score, row) => (3 * score + Share(row, 5)) / 4)];
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
            UndoneShare = salt == 2 ? 0.13 : double.NaN,
            UndoneShareOfHardRows = salt == 2 ? 0.11 : double.NaN,
            RetrainGap = salt == 2 ? 0.21 : double.NaN,
            RetrainGapFloor = 0.09,
            OtherScores = salt == 2
                ?
                [
                    new ScoreEvaluation
                    {
                        Outcome = Outcome.RetrainGap,
                        Rows = Rows,
                        Auc = new AucEstimate { Value = 0.9, Low = 0.85, High = 0.93 },
                        Ceiling = 0.97,
                        Reliability = 0.94,
                    },
                    new ScoreEvaluation { Outcome = Outcome.ResidualShare, Rows = 3, Auc = Undefined, Ceiling = double.NaN, Reliability = double.NaN, Reason =
                        "measured for 3 rows in both halves, fewer than 200" },
                ]
                : [],
            Scores = scores,
            Labels = labels,
            Evaluation = new HardnessEvaluation
            {
                Auc = new AucEstimate { Value = 0.875 + salt / 64.0, Low = 0.75, High = 0.9375 },
                Reliability = 0.93,
                Ceiling = new AucEstimate { Value = 0.96, Low = 0.9375, High = salt == 1 ? 0.98 : double.NaN },
                AucWithoutNoise = 0.921,
                AboveNoiseShare = 0.375,
                AboveNoiseAuc = 0.85,
                Nothing = salt == 2 ? new NothingComparison { Auc = 0.925, OwnAuc = 0.93, Spearman = 0.7, OwnSpearman = 0.8 } : null,
                ClassAuc = 0.61,
                AucWithinClasses = [0.8, double.NaN, 0.9],
                AucWithinConfidenceBands = 0.71,
                AveragePrecision = 0.7,
                Spearman = 0.8,
                Predictions = predictions,
                BootstrapAuc = new AucEstimate { Value = 0.875 + salt / 64.0, Low = 0.74, High = 0.94 },
                Scores = scores,
                Labels = labels,
                Folds = [.. Enumerable.Range(0, Rows).Select(row => row % 5)],
                Trainers = [.. Enumerable.Repeat("FastTree <small>", 5)],
                Subsets = salt == 1 ? Subsets() : [],
                Importance =
                [
                    new FactorImportance { Name = "Loss", IsFamily = false, Loss = 0.125, Deviation = 0.01 },
                    new FactorImportance { Name = "Constant", IsFamily = false, Loss = 0, Deviation = double.NaN },
                    new FactorImportance { Name = "boundary proximity", IsFamily = true, Loss = -0.002, Deviation = 0.003 },
                ],
                Contributions = salt == 1
                    ? [.. Enumerable.Range(0, Rows).Select(row => (IReadOnlyList<float>)[3 * (Share(row, 1) - 0.5f), -Share(row, 2), 0])]
                    : [],
                Calibration = Calibration.Of(predictions, labels),
                Verdicts =
                [
                    new Verdict { Criterion = VerdictCriterion.AucInterval, Value = 0.75, Target = salt == 1 ? 0.7 : 0.82 },
                    new Verdict { Criterion = VerdictCriterion.CeilingShare, Value = salt == 1 ? 0.96 : double.NaN, Target = 0.95 },
                    .. salt == 2 ? new[] { new Verdict { Criterion = VerdictCriterion.ToldApart, Value = 0.005, Target = 0.01 } } : [],
                ],
                LossAuc = 0.81,
                BestSingle = new SingleFactorAuc { Factor = "Loss", Auc = 0.81, Spearman = 0.5 },
                SingleFactors =
                [
                    new SingleFactorAuc { Factor = "Loss", Auc = 0.81, Spearman = 0.5 }, new SingleFactorAuc
                    {
                        Factor = "BoundaryDistance",
                        Auc = 0.7,
                        Spearman = -0.9,
                    }, new SingleFactorAuc { Factor = "Constant", Auc = 0.5, Spearman = double.NaN },
                ],
            },
        };
    }

    private static OutcomeColumn Column(Outcome outcome, Func<int, double> value) => new()
    {
        Outcome = outcome,
        Means = [.. Enumerable.Range(0, Rows).Select(value)],
        StandardErrors = [.. Enumerable.Repeat(0.0625, Rows)],
        CensoredShares = [.. Enumerable.Range(0, Rows).Select(row => outcome == Outcome.StepsToForget && row % 4 == 3 ? 0.5 : 0)],
    };

    private static SubsetAuc[] Subsets() =>
    [
        Subset(SubsetKind.Tier, "T0", 0.81, -0.08), Subset(SubsetKind.Tier, "T0–T1", 0.89, 0),
        Subset(SubsetKind.Family, "Loss", 0.81, -0.08), Subset(SubsetKind.Family, "boundary proximity", 0.7, double.NaN),
        Subset(SubsetKind.Without, "Loss", 0.7, -0.19), Subset(SubsetKind.Without, "boundary proximity", 0.9, 0.01),
    ];

    private static SubsetAuc Subset(SubsetKind kind, string name, double auc, double difference) => new()
    {
        Kind = kind,
        Name = name,
        Factors = ["Loss"],
        Auc = new AucEstimate { Value = auc, Low = auc - 0.0625, High = auc + 0.0625 },
        Difference = new AucEstimate { Value = difference, Low = difference - 0.03125, High = difference + 0.03125 },
        AveragePrecision = 0.5,
        Spearman = 0.25,
    };

    private static UnlearnerCalibration Calibrated() => new()
    {
        Unlearner = "FT",
        Verdict = CalibrationVerdict.Reached,
        Explanation = "FT at strength 3 undoes 0.95 <of> what retraining undoes.",
        Strength = 3,
        StrengthScales = "learning rate & epochs",
        Specification = "fine-tuning/1 epochs=6",
        ForgottenRows = 9,
        ForgetSets = 2,
        Retrainings = 3,
        TargetConfidence = 0.9,
        RetrainedConfidence = 0.7,
        RetrainedError = 0.0125,
        TargetAccuracy = new() { Retained = 0.95, Test = 0.8 },
        RetrainedAccuracy = new() { Retained = 0.96, Test = 0.79 },
        Rungs =
        [
            new() { Strength = 0.5, Confidence = 0.92, UndoneShare = -0.1, Accuracy = new() { Retained = 0.96, Test = 0.8 }, AccuracyLoss = 0, CpuSeconds =
                0.1 },
            new() { Strength = 1, Confidence = 0.85, UndoneShare = 0.25, Accuracy = new() { Retained = 0.95, Test = 0.795 }, AccuracyLoss = 0.005, CpuSeconds =
                0.2 },
            new() { Strength = 3, Confidence = 0.71, UndoneShare = 0.95, Accuracy = new() { Retained = 0.94, Test = 0.785 }, AccuracyLoss = 0.015, CpuSeconds =
                0.6 },
            new() { Strength = 4, Confidence = 0.3, UndoneShare = 3, Accuracy = new() { Retained = 0.7, Test = 0.5 }, AccuracyLoss = 0.3, CpuSeconds = 0.8 },
            new() { Strength = 8, CpuSeconds = 0.9, Failure = "TrainingDivergedException: <NaN>" },
        ],
        Check = new()
        {
            ForgetSets = 2, TargetConfidence = 0.91, RetrainedConfidence = 0.71, RetrainedError = 0.01,
            TargetAccuracy = new() { Retained = 0.945, Test = 0.8 }, RetrainedAccuracy = new() { Retained = 0.955, Test = 0.795 },
            Rung = new() { Strength = 3, Confidence = 0.722, UndoneShare = 0.94, CpuSeconds = 0.6,
                Accuracy = new() { Retained = 0.935, Test = 0.785 }, AccuracyLoss = 0.01 },
        },
        Options = new(),
    };

    private static UnlearnerCalibration BelowNoise() => new()
    {
        Unlearner = "None",
        Verdict = CalibrationVerdict.BelowNoise,
        Explanation = "Retraining moves the confidence by less than the noise.",
        Strength = 1,
        Specification = "none/1",
        Options = new(),
    };

    private static UnlearnerAgreement Agreement()
    {
        string[] names = ["EU", "FT", "None"];
        var auc = names.Select((_, a) => names.Select((
            _, b) => a == 2 || b == 2 ? Undefined : new AucEstimate { Value = 0.9 - 0.1 * Math.Abs(a - b), Low = 0.7, High = 0.95 }).ToArray()).ToArray();
        return new UnlearnerAgreement
        {
            Transfer = new TransferMatrix { Names = names, Auc = auc },
            SpearmanNames = [.. names, "nothing"],
            SpearmanAcrossHalves =
                [[1, 0.5, double.NaN, 0.9], [0.5, 1, double.NaN, 0.6], [double.NaN, double.NaN, double.NaN, double.NaN], [0.9, 0.6, double.NaN, 1]],
            LeaveOneOut = [.. auc.Select(line => line[0])],
            LeaveOneOutVerdicts = [.. auc.Select(line => new Verdict { Criterion = VerdictCriterion.LeaveOneOut, Value = line[0].Value, Target = 0.85 })],
            Concordance = 0.71,
            ConcordancePValue = 0.001,
        };
    }

    private static SingleRowResult SingleRows(string unlearner, double spearman, double groupReliability, double singleRowReliability) => new()
    {
        Unlearner = unlearner,
        RowIds = ["0", "7", "14"],
        GroupScores = [0, 0.5, 1],
        SingleRowScores = [0, 1, 0.5],
        Spearman = spearman,
        GroupReliability = groupReliability,
        SingleRowReliability = singleRowReliability,
        SpearmanAcrossHalves = 0.75 * spearman,
        Auc = new AucEstimate { Value = 0.8125, Low = 0.75, High = 0.875 },
        GroupAuc = new AucEstimate
        {
            Value = 0.90625,
            Low = 0.875,
            High = 0.9375,
        },
        Ceiling = 0.84375,
    };

    private static AucEstimate Undefined => new() { Value = double.NaN, Low = double.NaN, High = double.NaN };

    // What a study reports when no label could be made.
    private static UnlearnerResult Unlabeled() => new()
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
            Auc = new AucEstimate { Value = double.NaN, Low = double.NaN, High = double.NaN },
            Reliability = double.NaN,
            Ceiling = new AucEstimate { Value = double.NaN, Low = double.NaN, High = double.NaN },
            AucWithoutNoise = double.NaN,
            AveragePrecision = double.NaN,
            Spearman = double.NaN,
            Predictions = [.. Enumerable.Repeat(double.NaN, Rows)],
            LossAuc = double.NaN,
            BestSingle = new SingleFactorAuc { Factor = "Loss", Auc = double.NaN, Spearman = double.NaN },
            SingleFactors = [],
        },
    };
}
