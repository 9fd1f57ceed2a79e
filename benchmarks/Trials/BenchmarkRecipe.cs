using Microsoft.ML;
using Unlearn.Benchmarks.Factors;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Benchmarks.Trials;

/// <summary>Retraining trials of a recipe on random rows: what a training costs does not depend on what it learns.</summary>
internal sealed class BenchmarkRecipe : IDisposable
{
    private const int Classes = 10;
    private const int RowCount = 1000;
    private const int Epochs = 12;

    /// <summary>Repeats that are not counted: the runtime compiles hot methods once more after some calls.</summary>
    public const int WarmUps = 2;

    private readonly TorchTarget _target;
    private readonly int _stack;

    private BenchmarkRecipe(string name, int epochs, TorchArchitecture architecture, int stack, int tokens = 0)
    {
        Name = name;
        Recipe = new TorchRecipe(architecture) { Epochs = epochs, Device = TorchDevice.Cpu };
        Rows = TrainingRows.FromDataView(RandomRows.View(new MLContext(1), RowCount, architecture.FeatureCount, Classes, seed: 1, tokens));
        _target = Recipe.Train(Rows, Enumerable.Range(0, RowCount).ToArray(), seed: 1);
        Subject = new(_target, Recipe, Rows, testRows: null, TimeProvider.System);
        _stack = stack;
        Plan = TrialPlanner.Plan(Unlearner.Name, TrialContext.Of(Unlearner, Recipe, 1, Rows, null), Rows.Ids, 2 * stack, 0.3, seed: 1);
    }

    public static string[] Names => ["cnn", "mlp", "linear", "text"];

    /// <summary>
    /// Creates a recipe of the default 12 epochs: setting a model up is a part of small trainings. Those of the CNN, where it is none, are shorter
    /// unless told otherwise.
    /// </summary>
    public static BenchmarkRecipe Create(string name, int cnnEpochs = 2) => name switch
    {
        "cnn" => new(name, cnnEpochs, TorchArchitecture.SmallCnn(1, 28, 28, Classes), stack: 8),
        "mlp" => new(name, Epochs, TorchArchitecture.Mlp(64, Classes, 64, 32), stack: 32),
        "linear" => new(name, Epochs, TorchArchitecture.Mlp(100, Classes), stack: 64),
        _ => new(name, Epochs, TorchArchitecture.BagOfTokens(64, vocabularySize: 2000, dimensions: 32, Classes), stack: 8, tokens: 2000),
    };

    public string Name { get; }

    public TorchRecipe Recipe { get; }

    public TrainingRows Rows { get; }

    /// <summary>Rows of each training.</summary>
    public static int RetainedCount => RowCount * 7 / 10;

    /// <summary>As many retrainings, each without 30 % of the rows, as two stacks hold.</summary>
    public TrialPlan Plan { get; }

    /// <summary>The target, for other trials.</summary>
    public TrialSubject Subject { get; }

    private static ExactRetraining Unlearner { get; } = new();

    /// <summary>Runs the plan by the engine, with a new ledger in a file.</summary>
    public void RunByEngine(int workers)
    {
        using var ledger = new TemporaryLedger();
        new TrialRunner(ledger.Ledger, new InProcessTrialExecutor(workers), TimeProvider.System)
            .RunAsync([Plan], (trial, token) => Subject.Run(Unlearner, trial, token), progress: null, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Trains as many models as the plan has trials, without measuring them.</summary>
    /// <param name="inStacks">Whether to train them in stacks.</param>
    public void Train(bool inStacks) => OnOwnThread(() =>
    {
        var retained = Enumerable.Range(0, RetainedCount).ToArray();
        var trainings = Plan.Trials.Select(trial => new TrainingSpec { Positions = retained, Seed = trial.Seed }).ToList();
        foreach (var target in (Recipe with { Stack = inStacks ? _stack : 1 }).TrainMany(Rows, trainings))
            target.Dispose();
    });

    /// <summary>Runs work as the engine's workers do: the main thread's memory is managed in another way.</summary>
    public static void OnOwnThread(Action work) => TorchThreads.RunAll("benchmark", count: 1, workers: 1, _ => work());

    public void Dispose()
    {
        _target.Dispose();
        Rows.Dispose();
    }
}
