using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

public sealed class HardnessLabelingTests
{
    private const int Rows = 80;

    private static readonly AdaptiveOptions FirstRoundOnly = new() { CeilingGoal = 0.51, MaximumTrials = 400 };

    private sealed class Looked
    {
        public int RowId { get; set; }

        public float HardnessScore { get; set; }

        public bool Hard { get; set; }

        public bool Labeled { get; set; }
    }

    [Fact]
    public async Task LabelsAreAViewKeyedByRowIdInItsOwnTypeAndPipelinesLookThemUp()
    {
        var mlContext = new MLContext(seed: 1);
        var data = View(mlContext, Rows);
        List<StudyProgress> reports = [];
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(
            data, Options(), new ProgressRecorder<StudyProgress>(reports), TestContext.Current.CancellationToken);
        Assert.Equal(NumberDataViewType.Int32, labels.Schema["RowId"].Type);
        Assert.Equal(Rows, labels.GetRowCount());
        using (var cursor = labels.GetRowCursor(labels.Schema))
        {
            Assert.Equal(Rows, Enumerable.Range(0, Rows + 3).Count(_ => cursor.MoveNext()));
            Assert.Equal(-1, cursor.Position);
        }
        Assert.Equal(16, labels.GetColumn<bool>("Hard").Count(isHard => isHard));
        Assert.Equal(labels.GetColumn<float>("EU.Score"), labels.GetColumn<float>("HardnessScore"));
        Assert.Equal(labels.GetColumn<float>("EU.Displacement"), labels.GetColumn<float>("HardnessScore"));
        Assert.All(labels.GetColumn<float>("HardnessScoreError"), error => Assert.InRange(error, 0, 1));
        foreach (var column in new[]
        {
            "EU.MembershipResistance",
            "FT.RetrainGap",
            "FT.StepsToForget",
            "FT.StepsToForgetCensored",
            "FT.HarmonicScore",
            "FT.ParameterShift",
            "FT.PerformanceShift",
            "FT.NeighborExpansion",
            "FT.MembershipResistance",
        })
            Assert.DoesNotContain(float.NaN, labels.GetColumn<float>(column));
        Assert.StartsWith("Stopped after", reports[^1].Detail, StringComparison.Ordinal);

        var scores = labels.GetColumn<int>("RowId").Zip(labels.GetColumn<float>("HardnessScore")).ToDictionary(row => row.First, row => row.Second);
        var model = mlContext.Transforms.UnlearningHardnessLabels(labels, "RowId", "HardnessScore", "Hard", "Labeled").Fit(data);
        var looked = mlContext.Data.CreateEnumerable<Looked>(model.Transform(data), reuseRowObject: false).ToList();
        Assert.All(looked, row => Assert.Equal(scores[row.RowId], row.HardnessScore));
        Assert.Equal(16, looked.Count(row => row.Hard));
        Assert.All(looked, row => Assert.True(row.Labeled));
        var unknown = mlContext.Data.CreateEnumerable<Looked>(model.Transform(View(mlContext, Rows + 1)), reuseRowObject: false).Last();
        Assert.Equal((0, false, false), (unknown.HardnessScore, unknown.Hard, unknown.Labeled));
        Assert.Equal(labels.Schema.Count + 2, mlContext.Transforms.UnlearningHardnessLabels(labels).Fit(data).GetOutputSchema(data.Schema).Count);
        Assert.Contains(
            "'Soft'",
            Assert.Throws<ArgumentOutOfRangeException>(() => mlContext.Transforms.UnlearningHardnessLabels(labels, "RowId", "Soft")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLookUpIsForTrainingOnly()
    {
        var mlContext = new MLContext(seed: 1);
        var data = View(mlContext, Rows);
        var labels =
            await mlContext.Data.LabelUnlearningHardnessAsync(data, Options(new ExactRetraining()), cancellationToken: TestContext.Current.CancellationToken);
        var chain = new EstimatorChain<ITransformer>()
            .Append(mlContext.Transforms.UnlearningHardnessLabels(labels, "RowId", "Hard"), TransformerScope.Training)
            .Append(mlContext.BinaryClassification.Trainers.FastTree(labelColumnName: "Hard", minimumExampleCountPerLeaf: 2), TransformerScope.Everything);
        var scoring = chain.Fit(data).GetModelFor(TransformerScope.Scoring);
        Assert.Null(scoring.GetOutputSchema(data.Schema).GetColumnOrNull("Hard"));
        Assert.Equal(5, scoring.Transform(View(mlContext, 5)).GetColumn<float>("Score").Count());
    }

    [Fact]
    public async Task AnUnlearnerThatIsCheapEnoughForgetsSingleRowsAndAResumedLabelingDoesToo()
    {
        using var folder = new TemporaryFolder();
        var data = View(new MLContext(1), Rows);
        var options = Options(new ExactRetraining(), new Sisa { Shards = 2, Slices = 1 }) with
        {
            LedgerPath = folder.File("trials.db"),
            SingleRowTime = TimeSpan.FromHours(1),
        };
        var first = await new HardnessLabeler(options).RunAsync(data, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([TrialMode.Group, TrialMode.SingleRow], first.Modes.Select(mode => mode.Mode));
        Assert.Contains("80 rows × 2 ×", first.Modes[1].Reason, StringComparison.Ordinal);
        Assert.All(first.Trials.Runs[1].Plan.Trials, trial => Assert.Single(trial.ForgetIds));

        var resumed = await new HardnessLabeler(options with { SingleRowTime = TimeSpan.FromTicks(1) }).RunAsync(
            data, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(first.Trials.Scores[1].All, resumed.Trials.Scores[1].All);
        Assert.Contains("as the ledger's trials do", resumed.Modes[1].Reason, StringComparison.Ordinal);

        var groups = await new HardnessLabeler(options with { SingleRowTime = TimeSpan.FromTicks(1), LedgerPath = null }).RunAsync(
            data, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("single rows cost too much", groups.Modes[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SingleRowsThatAllTrialsTogetherHaveNoRoomForGiveWayToGroups()
    {
        var options = Options(new ExactRetraining(), new Sisa { Shards = 2, Slices = 1 }) with
        {
            SingleRowTime = TimeSpan.FromHours(1),
            Sufficient = FirstRoundOnly with { MaximumTrials = 2 * Rows + 10 },
        };
        var labels = await new HardnessLabeler(options).RunAsync(View(new MLContext(seed: 1), Rows), cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(labels.Modes, mode => Assert.Equal(TrialMode.Group, mode.Mode));
        Assert.Contains("than is left of 170 trials", labels.Modes[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadOptionsAreRefusedBeforeAnythingIsTrained()
    {
        var data = View(new MLContext(1), Rows);
        List<StudyProgress> reports = [];
        HardnessLabelingOptions[] bad =
        [
            Options(new FineTuning()), Options(new ExactRetraining(), new ExactRetraining()), Options() with { FirstCoverage = 0 },
            Options() with { ForgetShare = 1 },
            Options() with { Sufficient = new() { HardShare = 0 } }, Options() with { RowIdColumnName = "Nowhere" },
            Options() with { Workers = 0 }, Options() with { Sufficient = FirstRoundOnly with { MaximumTrials = 3 } },
        ];
        foreach (var options in bad)
            await Assert.ThrowsAnyAsync<ArgumentException>(
                () => new HardnessLabeler(options).RunAsync(data, new ProgressRecorder<StudyProgress>(reports), TestContext.Current.CancellationToken));
        Assert.Empty(reports);
    }

    [Fact]
    public async Task ALedgerOfOtherRowsIsRefusedBeforeAnythingIsTrained()
    {
        using var folder = new TemporaryFolder();
        var options = Options(new ExactRetraining()) with { LedgerPath = folder.File("trials.db") };
        await new HardnessLabeler(options).RunAsync(View(new MLContext(1), Rows), cancellationToken: TestContext.Current.CancellationToken);
        List<StudyProgress> reports = [];
        await Assert.ThrowsAsync<TrialLedgerException>(() => new HardnessLabeler(options).RunAsync(
            View(new MLContext(1), Rows - 1), new ProgressRecorder<StudyProgress>(reports), TestContext.Current.CancellationToken));
        Assert.Empty(reports);
    }

    [Fact]
    public async Task ACancelledLabelingStops()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new HardnessLabeler(Options()).RunAsync(View(new MLContext(1), Rows), new StopsEarly(stop), stop.Token));
    }

    private sealed class StopsEarly(CancellationTokenSource stop) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value)
        {
            if (value is { Stage: StudyStage.Trials, Finished: > 2 })
                stop.Cancel();
        }
    }

    private static HardnessLabelingOptions Options(params IUnlearner[] unlearners) => new()
    {
        Recipe = TinyStudy.Recipe,
        Unlearners = unlearners.Length > 0 ? unlearners : [new ExactRetraining(), new FineTuning()],
        Sufficient = FirstRoundOnly,
        TestData = View(new MLContext(1), 30, seed: 2),
        SingleRowTime = TimeSpan.Zero,
        Workers = 2,
    };

    private static IDataView View(MLContext mlContext, int count, int seed = 1) => TinyStudy.View(mlContext, count, seed);
}
