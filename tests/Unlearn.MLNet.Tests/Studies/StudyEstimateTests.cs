using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class StudyEstimateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_estimate_times_every_stage_keeps_nothing_and_knows_the_size_of_the_ledger()
    {
        using var rows = TinyStudy.Rows(240);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var study = TinyStudy.Create(_folder.Path, workers: 2);
        var progress = new List<StudyProgress>();
        var estimate = await study.EstimateAsync(rows, testRows, new Listing(progress), TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Contains(progress, step => step.Stage == StudyStage.Target);
        Assert.Equal([("EU", 12), ("FT", 20), ("SISA", 12)], estimate.Unlearners.Select(of => (of.Unlearner, of.Trials)));
        Assert.All(estimate.Unlearners, of => Assert.InRange(of.Batches, 1, of.Trials));
        Assert.All(Enum.GetValues<StudyStage>(), stage => Assert.True(estimate.Seconds[stage] > 0, $"{stage} costs nothing"));
        Assert.True(estimate.IsCalibrated);
        Assert.Null(estimate.SampledRows);
        Assert.InRange(estimate.MemoryBytes, 50_000_000, 50_000_000_000);

        var result = await study.RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(estimate.LedgerBytes / (double)new FileInfo(_folder.File("trials.db")).Length, 0.7, 1.3);
        Assert.Equal(result.Seconds.Keys.Order(), estimate.Seconds.Keys.Order());
    }

    [Fact]
    public async Task The_snippet_on_the_page_estimates()
    {
        Snippets.AssertIsIn("scale.md", "StudyEstimateTests.cs", "estimate");
        using var rows = TinyStudy.Rows(60);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var options = TinyStudy.Options(_folder.Path, workers: 2) with
        {
            Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 4, ForgetShare = 0.5 }],
            Factors = [HardnessFactors.Default[0]],
        };

        // <estimate>
        var estimate = await new HardnessStudy(options).EstimateAsync(rows, testRows);
        Console.WriteLine($"{estimate.TotalSeconds:0} s here, {estimate.SecondsWith(workers: 16):0} s with 16 workers");
        // </estimate>
        Assert.InRange(estimate.SecondsWith(16), 0.001, estimate.SecondsWith(1));
    }

    [Fact]
    public async Task Options_are_checked_before_anything_is_trained()
    {
        using var rows = TinyStudy.Rows(60);
        var options = TinyStudy.Options(_folder.Path, workers: 1) with { Hardness = new() { Folds = 1 } };
        var progress = new List<StudyProgress>();
        await Assert.ThrowsAsync<ArgumentException>(() => new HardnessStudy(options)
            .EstimateAsync(rows, rows, new Listing(progress), TestContext.Current.CancellationToken));
        Assert.Empty(progress);
    }

    [Fact]
    public async Task An_estimate_can_be_stopped()
    {
        using var rows = TinyStudy.Rows(240);
        using var stop = new CancellationTokenSource();
        var stopping = new Stopping(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            TinyStudy.Create(_folder.Path, workers: 1).EstimateAsync(rows, rows, stopping, stop.Token));
    }

    [Fact]
    public void More_workers_share_the_trials_alone_and_no_trial()
    {
        var estimate = new StudyEstimate
        {
            Workers = 2,
            Seconds = new Dictionary<StudyStage, double> { [StudyStage.Target] = 10, [StudyStage.Trials] = 100, [StudyStage.Hardness] = 20 },
            Unlearners = [new() { Unlearner = "EU", Trials = 40, Batches = 10, SecondsPerBatch = 20 }],
            IsCalibrated = true,
            MemoryBytes = 1,
            LedgerBytes = 1,
            EstimationSeconds = 1,
        };
        Assert.Equal(130, estimate.TotalSeconds);
        Assert.Equal(200, estimate.Unlearners[0].WorkerSeconds);
        Assert.Equal([230, 130, 80, 50, 50], new[] { 1, 2, 4, 10, 100 }.Select(estimate.SecondsWith));
        Assert.Throws<ArgumentOutOfRangeException>(() => estimate.SecondsWith(0));
    }

    private sealed class Listing(List<StudyProgress> steps) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value)
        {
            lock (steps)
                steps.Add(value);
        }
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => stop.Cancel();
    }
}
