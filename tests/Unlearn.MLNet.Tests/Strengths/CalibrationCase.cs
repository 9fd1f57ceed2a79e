using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Calibration;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.Strengths;

/// <summary>A perceptron that has learned its 150 rows by heart, to calibrate unlearners on.</summary>
internal sealed class CalibrationCase : IDisposable
{
    public const long TargetSeed = 3;
    public const double Share = 0.3;

    private readonly TemporaryFolder _folder = new();

    public CalibrationCase(double learningRate = 0.01)
    {
        Recipe = new(TorchArchitecture.Mlp(8, 3, 24))
        {
            Epochs = 25,
            BatchSize = 16,
            Optimizer = OptimizerKind.AdamW,
            LearningRate = learningRate,
            WeightDecay = 0,
            Device = TorchDevice.Cpu,
        };
        Target = Recipe.Train(Rows, Enumerable.Range(0, Rows.Count).ToArray(), TargetSeed);
        Subject = new(Target, Recipe, Rows, TestRows, TimeProvider.System);
    }

    public static CalibrationOptions Options { get; } = new() { AccuracyBudget = 0.2, LargestCostShare = double.PositiveInfinity };

    public TrainingRows Rows { get; } = TinyStudy.Rows(150);

    public TrainingRows TestRows { get; } = TinyStudy.Rows(60, seed: 2);

    public TorchRecipe Recipe { get; }

    public TorchTarget Target { get; }

    public CalibrationSubject Subject { get; }

    public string LedgerPath => _folder.File("ledger.db");

    public static UnlearnerPlan[] Plans(params IEnumerable<IUnlearner> unlearners) =>
        [.. unlearners.Prepend(new ExactRetraining()).Select(unlearner => new UnlearnerPlan { Unlearner = unlearner, Trials = 20, ForgetShare = Share })];

    public TrialContext Context(IUnlearner unlearner) => TrialContext.Of(unlearner, Recipe, TargetSeed, Rows, TestRows);

    /// <summary>Calibrates, with the case's ledger.</summary>
    public IReadOnlyList<UnlearnerCalibration> Run(
        IReadOnlyList<IUnlearner> unlearners,
        CalibrationOptions? options = null,
        int workers = 2,
        string? ledgerPath = null,
        Action<int, int, string>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var ledger = new SqliteTrialLedger(ledgerPath ?? LedgerPath);
        return new UnlearnerCalibrator(Subject, new CalibrationRuns(Subject, ledger, Context, seed: 1, workers), options ?? Options, seed: 1)
            .Run(Plans(unlearners), progress, cancellationToken).Calibrations;
    }

    public void Dispose()
    {
        Target.Dispose();
        Rows.Dispose();
        TestRows.Dispose();
        _folder.Dispose();
    }
}
