using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.MLNet.Tests.Hardness.Prediction;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

/// <summary><c>mlContext.CancelExecution()</c> stops what would go on for hours, in each phase.</summary>
public sealed class CancelledContextTests(ITestOutputHelper output)
{
    private const int Rows = 80;
    private const int Endless = 1_000_000;

    private static readonly TimeSpan Generous = TimeSpan.FromMinutes(1);

    private sealed class CancelsAt(MLContext context, Func<StudyProgress, bool> isTime) : IProgress<StudyProgress>
    {
        public long? Cancelled { get; private set; }

        public void Report(StudyProgress value)
        {
            if (Cancelled is not null || !isTime(value))
                return;
            Cancelled = Stopwatch.GetTimestamp();
            MLNetInternals.Cancel(context);
        }
    }

    /// <summary>A target that takes a moment, so that no phase is over before the state is looked at.</summary>
    private static HardnessLabelingOptions Options => TinyStudy.LabelingOptions with
    {
        Recipe = TinyStudy.Recipe with { Epochs = 200 },
        CeilingGoal = 0.9999,
        MaximumTrials = 100_000,
    };

    [Fact]
    public async Task A_target_that_trains_is_stopped()
    {
        var options = Options with { Recipe = TinyStudy.Recipe with { Epochs = Endless } };
        await IsStopped(options, report => report is { Stage: StudyStage.Target, Finished: > 0 });
    }

    [Fact]
    public async Task A_tree_that_grows_is_stopped()
    {
        var context = new MLContext(1);
        var recipe = new EstimatorRecipe("endless/1", inner =>
        {
            MLNetInternals.Cancel(context);
            return inner.MulticlassClassification.Trainers.OneVersusAll(inner.BinaryClassification.Trainers
                .FastTree(new FastTreeBinaryTrainer.Options { NumberOfThreads = 1, NumberOfTrees = Endless, MinimumExampleCountPerLeaf = 2 }));
        });
        await IsStopped(new HardnessLabelingOptions { Recipe = recipe }, _ => false, context);
    }

    [Fact]
    public async Task Calibration_is_stopped() => await IsStopped(
        Options with { Calibration = new(), Recipe = TinyStudy.Recipe with { Epochs = 1000 } },
        report => report.Stage == StudyStage.Calibration);

    [Fact]
    public async Task Trials_are_stopped_and_those_that_are_finished_are_kept()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("trials.db");
        await IsStopped(Options with { LedgerPath = path }, report => report is { Stage: StudyStage.Trials, Finished: > 2 });
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM trial";
        Assert.InRange((long)command.ExecuteScalar()!, 3, Endless);
    }

    [Fact]
    public async Task A_context_that_was_stopped_before_starts_nothing()
    {
        var context = new MLContext(1);
        var data = TinyStudy.View(context, Rows);
        MLNetInternals.Cancel(context);
        List<StudyProgress> reports = [];
        var progress = new ProgressRecorder<StudyProgress>(reports);
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => context.Data.LabelUnlearningHardnessAsync(data, Options, progress, TestContext.Current.CancellationToken));
        Assert.Empty(reports);
    }

    [Fact]
    public async Task A_token_is_named_by_the_exception_that_it_causes()
    {
        var context = new MLContext(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var progress = new Progress<StudyProgress>(_ => stop.Cancel());
        var stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => context.Data.LabelUnlearningHardnessAsync(TinyStudy.View(context, Rows), Options, progress, stop.Token));
        Assert.Equal(stop.Token, stopped.CancellationToken);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Fits_within_the_fit_of_a_hardness_model_are_stopped(bool byToken, bool isClassifier)
    {
        var context = new MLContext(1);
        using var stop = new CancellationTokenSource();
        var planted = new PlantedMemory(300, 1);
        long cancelled = 0;
        var options = new UnlearningHardnessEstimator.Options { CancellationToken = stop.Token, Seed = 1 };
        if (isClassifier)
            options.Trainer = new("endless", (inner, _) => Cancelling(inner.BinaryClassification.Trainers.FastTree(
                new FastTreeBinaryTrainer.Options { NumberOfThreads = 1, NumberOfTrees = Endless })));
        else
            options.Regressor = (inner, _) => Cancelling(inner.Regression.Trainers.FastTree(
                new FastTreeRegressionTrainer.Options { NumberOfThreads = 1, NumberOfTrees = Endless }));
        Assert.ThrowsAny<OperationCanceledException>(() => context.Transforms.UnlearningHardness(planted.Labels(), options).Fit(planted.Rows()));
        Tell(cancelled);

        IEstimator<ITransformer> Cancelling(IEstimator<ITransformer> endless)
        {
            cancelled = Stopwatch.GetTimestamp();
            if (byToken)
                stop.CancelAfter(TimeSpan.FromMilliseconds(200));
            else
                MLNetInternals.Cancel(context);
            return endless;
        }
    }

    [Fact]
    public void Looking_for_it_draws_no_number_of_the_context()
    {
        Assert.Equal(Next(_ => { }), Next(context => new ContextCancellation(context, CancellationToken.None).Dispose()));

        static int Next(Action<MLContext> before)
        {
            var context = new MLContext(7);
            before(context);
            return ((Microsoft.ML.Runtime.IHostEnvironment)context).Register("x").Rand.Next();
        }
    }

    private async Task IsStopped(HardnessLabelingOptions options, Func<StudyProgress, bool> isTime, MLContext? context = null)
    {
        context ??= new MLContext(1);
        var progress = new CancelsAt(context, isTime);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.Data.LabelUnlearningHardnessAsync(
            TinyStudy.View(context, Rows), options, progress, TestContext.Current.CancellationToken));
        if (progress.Cancelled is { } since)
            Tell(since);
    }

    private void Tell(long since)
    {
        var took = Stopwatch.GetElapsedTime(since);
        output.WriteLine(Invariant($"stopped after {took.TotalSeconds:0.00} s"));
        Assert.True(took < Generous, $"It took {took} to stop.");
    }
}
