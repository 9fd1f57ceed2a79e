using System.Text.Json.Nodes;
using Unlearn.TestPrograms;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class HardnessStudyTests(HardnessStudyTests.Uninterrupted uninterrupted) : IClassFixture<HardnessStudyTests.Uninterrupted>
{
    private static async Task<(string Factors, string Hardness, string Outcomes, string Summary)> RunAsync(
        string folder, int workers, IProgress<StudyProgress>? progress = null)
    {
        StudyFiles.Write(folder, await TinyStudy.RunAsync(folder, workers, progress));
        return (await File.ReadAllTextAsync(Path.Combine(folder, StudyFiles.Factors)), await File.ReadAllTextAsync(Path.Combine(folder, StudyFiles.Hardness)),
            await File.ReadAllTextAsync(Path.Combine(folder, StudyFiles.Outcomes)), await UntimedSummaryAsync(folder));
    }

    // The summary without what may differ between two runs of the same study.
    private static async Task<string> UntimedSummaryAsync(string folder)
    {
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, StudyFiles.Summary)))!.AsObject();
        Assert.Equal(3, summary["agreement"]!["transfer"]!["auc"]!.AsArray().Count);
        foreach (var unlearner in summary["unlearners"]!.AsArray())
        {
            Assert.Empty(unlearner!["subsets"]!.AsArray());
            foreach (var time in new[] { "secondsPerTrial", "cpuSecondsPerTrial", "preparationSecondsPerTrial" })
                Assert.True(unlearner.AsObject().Remove(time));
        }
        return summary.Remove("workers") && summary.Remove("seconds")
            ? summary.ToJsonString()
            : throw new InvalidOperationException("The summary has lost its times.");
    }

    [Fact]
    public async Task The_number_of_workers_does_not_change_the_files()
    {
        using TemporaryFolder three = new();
        Assert.Equal(await uninterrupted.Files, await RunAsync(three.Path, workers: 3));
    }

    [Fact]
    public async Task Subsets_of_the_factors_are_written_where_they_are_asked_for()
    {
        using TemporaryFolder folder = new();
        StudyFiles.Write(folder.Path, await TinyStudy.RunAsync(folder.Path, workers: 2, subsets: true));
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, StudyFiles.Summary)))!;
        // Families, and all but one family, are of exact unlearners alone.
        Assert.All(summary["unlearners"]!.AsArray(), unlearner => Assert.Equal(
            unlearner!["name"]!.GetValue<string>() is "EU" or "SISA" ? 1 + 2 + 7 + 7 : 1 + 2, unlearner["subsets"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_killed_run_goes_on_without_repeating_finished_trials_and_gives_the_same_files()
    {
        using TemporaryFolder killed = new();
        using var other = TestProgram.Start("study", killed.Path);
        var finished = 0;
        while (finished < 15)
        {
            var line = await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(line);
            if (line.StartsWith(nameof(StudyStage.Trials), StringComparison.Ordinal))
                finished = int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        other.Kill();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        var steps = new Steps();
        var resumed = await RunAsync(killed.Path, workers: 2, steps);
        Assert.InRange(steps.FirstTrials, finished, 43);
        Assert.Equal(await uninterrupted.Files, resumed);
    }

    [Fact]
    public async Task A_study_of_other_rows_on_the_same_ledger_is_refused_before_anything_is_trained()
    {
        await uninterrupted.Files;
        using var rows = TinyStudy.Rows(60);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        List<StudyProgress> reports = [];
        var refusal = await Assert.ThrowsAsync<TrialLedgerException>(
            () => TinyStudy.Create(uninterrupted.Folder, workers: 2).RunAsync(rows, testRows, new ProgressRecorder<StudyProgress>(reports)));
        Assert.Empty(reports);
        Assert.Matches(@"trials of EU under another plan.*\n  rows: 240 with SHA-256 [0-9a-f]{16}… → 60 with SHA-256 [0-9a-f]{16}…\nTrials", refusal.Message);
    }

    [Fact]
    public async Task Failed_trials_are_left_out_and_reported()
    {
        using TemporaryFolder folder = new();
        using var rows = TinyStudy.Rows(240);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var options = TinyStudy.Options(folder.Path, workers: 2) with { Unlearners =
        [
            new() { Unlearner = new ExactRetraining(), Trials = 12, ForgetShare = 0.3 },
            new() { Unlearner = new NowAndThenDiverging(), Trials = 20, ForgetShare = 0.3 },
        ] };
        var study = await new HardnessStudy(options).RunAsync(rows, testRows);
        StudyFiles.Write(folder.Path, study);

        var unlearner = study.Unlearners[1];
        Assert.InRange(unlearner.Failures.Count, 1, 19);
        Assert.Equal(20, unlearner.Trials + unlearner.Failures.Count);
        Assert.Empty(study.Unlearners[0].Failures);
        var line = $"{unlearner.Failures.Count} of 20 trials of NATD failed: TrainingDivergedException: The loss is NaN.";
        Assert.Equal(line, unlearner.DescribeFailures());
        Assert.Contains(line, await File.ReadAllTextAsync(Path.Combine(folder.Path, StudyFiles.Report)), StringComparison.Ordinal);
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, StudyFiles.Summary)))!["unlearners"]![1]!;
        Assert.Equal(unlearner.Failures.Count, (int)summary["failedTrials"]!);
        Assert.Equal("TrainingDivergedException: The loss is NaN.", (string?)Assert.Single(summary["failureReasons"]!.AsArray()));
    }

    [Fact]
    public async Task An_unlearner_that_always_diverges_ends_the_study_with_its_reason()
    {
        using TemporaryFolder folder = new();
        using var rows = TinyStudy.Rows(60);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var options = TinyStudy.Options(folder.Path, workers: 2) with { Unlearners =
        [
            new() { Unlearner = new ExactRetraining(), Trials = 4, ForgetShare = 0.5 },
            new() { Unlearner = new FineTuning { RelativeLearningRate = 1e30 }, Trials = 4, ForgetShare = 0.5 },
        ] };
        var failure = await Assert.ThrowsAsync<TrialFailedException>(() => new HardnessStudy(options).RunAsync(rows, testRows));
        Assert.Contains("All 4 trials of FT failed. The first reason: TrainingDivergedException: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Factors_of_every_tier_are_computed_with_reference_models()
    {
        using TemporaryFolder folder = new(), other = new();
        using var rows = TinyStudy.Rows(240);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        List<StudyProgress> reports = [];
        var options = TinyStudy.Options(folder.Path, workers: 2) with
        {
            Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 12, ForgetShare = 0.3 }],
            Factors = HardnessFactors.All,
            ReferenceModels = 4,
        };
        var study = await new HardnessStudy(options).RunAsync(rows, testRows, new ProgressRecorder<StudyProgress>(reports));
        Assert.Equal(HardnessFactors.All.Select(factor => factor.Name), study.Factors.Select(factor => factor.Name));
        Assert.All(study.Factors, factor => Assert.True(factor.Values.Distinct().Count() > 1, factor.Name));
        Assert.Equal([1, 2, 3, 4, 4, 5, 6], reports.Where(report => report.Stage == StudyStage.Factors).Select(report => report.Finished));

        // The gradient trace and the reference models leave target and trials as they are.
        var plain = await new HardnessStudy(
            options with { Factors = HardnessFactors.Core, ReferenceModels = 0, LedgerPath = Path.Combine(other.Path, "trials.db") }).RunAsync(rows, testRows);
        Assert.Equal(plain.Unlearners[0].Scores, study.Unlearners[0].Scores);
    }

    [Fact]
    public async Task Factors_that_need_reference_models_are_refused_without_any()
    {
        using TemporaryFolder folder = new();
        using var rows = TinyStudy.Rows(60);
        var failure = await Assert.ThrowsAsync<ArgumentException>(
            () => new HardnessStudy(TinyStudy.Options(folder.Path, workers: 2) with { Factors = HardnessFactors.All }).RunAsync(rows, rows));
        Assert.Contains("Memorization, MembershipZ need reference models", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_approximate_unlearner_without_a_retrain_pool_is_refused_before_anything_is_trained()
    {
        using TemporaryFolder folder = new();
        using var rows = TinyStudy.Rows(60);
        var options = TinyStudy.Options(folder.Path, workers: 1) with { Unlearners = [new() { Unlearner = new FineTuning(), Trials = 4, ForgetShare = 0.5 }] };
        var recorder = new List<StudyProgress>();
        var failure =
            await Assert.ThrowsAsync<ArgumentException>(() => new HardnessStudy(options).RunAsync(rows, rows, new ProgressRecorder<StudyProgress>(recorder)));
        Assert.Contains("add ExactRetraining", failure.Message, StringComparison.Ordinal);
        Assert.Empty(recorder);
    }

    public static TheoryData<string> BadOptions => [.. Bad.Keys];

    private static Dictionary<string, Func<StudyOptions, StudyOptions>> Bad { get; } = new()
    {
        ["0 workers"] = options => options with { Workers = 0 },
        ["3 reference models"] = options => options with { ReferenceModels = 3 },
        ["A share of 0"] = options => options with { Hardness = options.Hardness with { HardShare = 0 } },
        ["A share of NaN"] = options => options with { Hardness = options.Hardness with { HardShare = double.NaN } },
        ["A share of 2"] = options => options with { Hardness = options.Hardness with { HardShare = 2 } },
        ["1000000 folds"] = options => options with { Hardness = options.Hardness with { Folds = 1_000_000 } },
        ["0 trees"] = options => options with { Hardness = options.Hardness with { Trees = 0 } },
        ["A learning rate of NaN"] = options => options with { Hardness = options.Hardness with { LearningRate = double.NaN } },
        ["Hardness is null"] = options => options with { Hardness = null! },
        ["Unlearners is null"] = options => options with { Unlearners = [null!] },
        ["one of them, are null"] = options => options with { Unlearners = [new() { Unlearner = null!, Trials = 4 }] },
        ["a factor that is null"] = options => options with { Factors = [HardnessFactors.Loss, null!] },
        ["Loss more than once"] = options => options with { Factors = [HardnessFactors.Loss, HardnessFactors.Loss] },
        ["Momentum must be"] = options => options with { Recipe = TinyStudy.Recipe with { Momentum = 2 } },
        ["WeightDecay must be"] = options => options with { Recipe = TinyStudy.Recipe with { WeightDecay = -5 } },
        ["The recipe is null"] = options => options with { Recipe = null! },
        ["LedgerPath is empty"] = options => options with { LedgerPath = "" },
        ["a locked ledger must not be negative"] = options => options with { Trials = options.Trials with { LockTimeout = TimeSpan.FromSeconds(-1) } },
        ["Unlearner FT changes a Torch module"] = options => options with
        {
            Recipe = new EstimatorRecipe("never/1", _ => throw new InvalidOperationException("trained")),
        },
        ["1 folds"] = options => options with { Hardness = options.Hardness with { Folds = 1 } },
        ["-1 permutations"] = options => options with { Hardness = options.Hardness with { Permutations = -1 } },
        ["-1 retries"] = options => options with { Trials = options.Trials with { Retries = -1 } },
        ["2 names of 3 classes"] = options => options with { ClassNames = ["one", "two"] },
        ["10 single rows"] = options => options with { SingleRows = new() { Unlearners = ["FT"], Rows = 10 } },
        ["leave rows out"] = options => options with { Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 2, ForgetShare = 0.3 }] },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public async Task Bad_options_are_refused_before_anything_is_trained(string says)
    {
        using TemporaryFolder folder = new();
        using var rows = TinyStudy.Rows(60);
        var recorder = new List<StudyProgress>();
        var failure = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => new HardnessStudy(Bad[says](TinyStudy.Options(folder.Path, workers: 1))).RunAsync(rows, rows, new ProgressRecorder<StudyProgress>(recorder)));
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.Empty(recorder);
    }

    /// <summary>The study with one worker, which several tests compare with.</summary>
    public sealed class Uninterrupted : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<Task<(string Factors, string Hardness, string Outcomes, string Summary)>> _files;

        public Uninterrupted() => _files = new(() => RunAsync(Folder, workers: 1));

        public string Folder => _folder.Path;

        public Task<(string Factors, string Hardness, string Outcomes, string Summary)> Files => _files.Value;

        public void Dispose() => _folder.Dispose();
    }

    /// <summary>Retrains, but diverges in about one of six trials, always the same ones.</summary>
    private sealed class NowAndThenDiverging : IUnlearner
    {
        public string Name => "NATD";

        public string Specification => "now-and-then-diverging/1";

        public bool IsExact => true;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) =>
            request.Seed % 6 == 0 ? throw new TrainingDivergedException("The loss is NaN.") : new ExactRetraining().Unlearn(request, cancellationToken);
    }

    private sealed class Steps : IProgress<StudyProgress>
    {
        public int FirstTrials { get; private set; } = -1;

        public void Report(StudyProgress value)
        {
            if (value.Stage == StudyStage.Trials && FirstTrials < 0)
                FirstTrials = value.Finished;
        }
    }
}
