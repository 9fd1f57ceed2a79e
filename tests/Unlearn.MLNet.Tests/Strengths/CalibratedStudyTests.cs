using Microsoft.ML;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Strengths;

/// <summary>Studies and labelings that calibrate their unlearners.</summary>
public sealed class CalibratedStudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TrainingRows _rows = TinyStudy.Rows(150);
    private readonly TrainingRows _testRows = TinyStudy.Rows(60, seed: 2);
    private readonly TorchRecipe _recipe = TinyStudy.Recipe with { Epochs = 25, Optimizer = OptimizerKind.AdamW, LearningRate = 0.01, WeightDecay = 0 };

    public void Dispose()
    {
        _rows.Dispose();
        _testRows.Dispose();
        _folder.Dispose();
    }

    private StudyOptions Options(Dial dial, double budget = 0.2) => TinyStudy.Options(_folder.Path, workers: 2) with
    {
        Recipe = _recipe,
        Factors = HardnessFactors.Core,
        Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 12, ForgetShare = 0.3 }, new() { Unlearner = dial, Trials = 12, ForgetShare = 0.3 }],
        Calibration = CalibrationCase.Options with { AccuracyBudget = budget },
    };

    private static Dial Known => Dial.Interpolating(Seed.Derive(1, "target"), step: 0.1);

    [Fact]
    public async Task Trials_run_at_the_strength_that_was_found()
    {
        var (known, again) = (Known, Known);
        List<StudyProgress> reports = [];
        var study = await new HardnessStudy(Options(known)).RunAsync(_rows, _testRows, new ProgressRecorder<StudyProgress>(reports));
        Assert.Null(study.Unlearners[0].Calibration);
        var found = study.Unlearners[1].Calibration!;
        Assert.Equal(CalibrationVerdict.Reached, found.Verdict);
        Assert.NotEqual(1, found.Strength);
        Assert.Contains(reports, report => report.Stage == StudyStage.Calibration && report.Finished == report.Total);

        // The trials undo what the calibration promised, on rows and seeds that it never saw.
        double Mean(Outcome outcome) => study.Unlearners[1].Outcomes.Single(column => column.Outcome == outcome).Means.Average();
        var displacement = study.Unlearners[0].Scores.Average();
        Assert.InRange(1 - (Mean(Outcome.PostUnlearningConfidence) - study.Unlearners[0].Outcomes
            .Single(column => column.Outcome == Outcome.PostUnlearningConfidence).Means
            .Average()) / displacement, 0.7, 1.3);

        var resumed = await new HardnessStudy(Options(again)).RunAsync(_rows, _testRows);
        Assert.Equal(0, again.Runs);
        Assert.Equal(study.Unlearners[1].Scores, resumed.Unlearners[1].Scores);
        StudyFiles.Write(_folder.Path, study);
        Assert.Contains("Strength of the approximate unlearners",
            await File.ReadAllTextAsync(_folder.File(StudyFiles.Report), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_strength_on_the_same_ledger_is_refused()
    {
        var study = await new HardnessStudy(Options(Known)).RunAsync(_rows, _testRows);
        var refusal =
            await Assert.ThrowsAsync<TrialLedgerException>(() => new HardnessStudy(Options(Known) with { Calibration = null }).RunAsync(_rows, _testRows));
        Assert.Contains(FormattableString.Invariant($"unlearner: {study.Unlearners[1].Calibration!.Specification} → dial/1 dial strength=1"), refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_options_are_refused_before_anything_is_trained()
    {
        List<StudyProgress> reports = [];
        var failure = await Assert.ThrowsAsync<ArgumentException>(
            () => new HardnessStudy(Options(Known, budget: 2)).RunAsync(_rows, _testRows, new ProgressRecorder<StudyProgress>(reports)));
        Assert.Contains("CalibrationOptions.AccuracyBudget must be between 0 and 1, got 2.", failure.Message, StringComparison.Ordinal);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task Too_thin_a_plan_of_an_adjustable_unlearner_is_refused_before_anything_is_trained()
    {
        List<StudyProgress> reports = [];
        var options = Options(Known);
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => new HardnessStudy(options with { Unlearners =
        [
            options.Unlearners[0],
            options.Unlearners[1] with { Trials = 2 },
        ] }).RunAsync(_rows, _testRows, new ProgressRecorder<StudyProgress>(reports)));
        Assert.Contains("The 2 trials of dial leave rows out", failure.Message, StringComparison.Ordinal);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task Labels_tell_the_calibrations()
    {
        var mlContext = new MLContext(1);
        var labels = await new HardnessLabeler(new()
        {
            Recipe = _recipe,
            Unlearners = [new ExactRetraining(), Known],
            ForgetShare = 0.3,
            FirstCoverage = 1,
            SingleRowTime = TimeSpan.Zero,
            Sufficient = new() { CeilingGoal = 0.51 },
            Calibration = CalibrationCase.Options,
            Workers = 2,
        }).RunAsync(TinyStudy.View(mlContext, 150), cancellationToken: TestContext.Current.CancellationToken);
        var found = Assert.Single(labels.Calibrations);
        Assert.Equal(("dial", CalibrationVerdict.Reached), (found.Unlearner, found.Verdict));
        Assert.Null(found.Chosen!.Accuracy.Test);
    }
}
