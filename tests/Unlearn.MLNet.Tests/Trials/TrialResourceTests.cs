using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>What real trials take and give back. They look at process-wide counts, and so run apart from all others.</summary>
[Collection(nameof(TorchThreads))]
public sealed class TrialResourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AThousandTrialsLeaveNothingBehind()
    {
        using var labelling = new TinyLabelling(trials: 1_000);
        var samples = new Samples();
        await labelling.RunAsync(_folder.File("ledger.db"), workers: 1, progress: samples, cancellationToken: TestContext.Current.CancellationToken);

        // What comes first fills caches.
        var (tensors, bytes) = (samples.Tensors[1..], samples.Bytes[1..]);
        Assert.Equal(4, tensors.Count);
        Assert.Single(tensors.Distinct());
        Assert.True(bytes.Max() - bytes.Min() < 200_000, $"Managed bytes after each 200 trials: {string.Join(", ", samples.Bytes)}.");
    }

    [Fact]
    public async Task CancellationInTheMiddleOfTrainingsTakesLessThanTwoSecondsAndKeepsWhatHadFinished()
    {
        using var labelling = new TinyLabelling(trials: 100, epochs: 100_000);
        var plan = labelling.Plans[0];
        var path = _folder.File("ledger.db");
        using (var ledger = new SqliteTrialLedger(path))
            SqliteTrialLedgerTests.AddAll(ledger, TrialPlanHead(plan, 10));
        using var cancellation = new CancellationTokenSource();
        var training = new CountdownEvent(2);
        var running = labelling.RunAsync(path, workers: 2, _ => training.Signal(), cancellationToken: cancellation.Token);
        training.Wait(TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);

        var clock = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");

        using var reopened = new SqliteTrialLedger(path);
        var states = reopened.States([.. labelling.TrialIds]);
        Assert.Equal((10, 90), (states.Count(state => state == TrialState.Finished), states.Count(state => state == TrialState.Pending)));
    }

    private static TrialPlan TrialPlanHead(TrialPlan plan, int trials) => new(plan.Unlearner, plan.Context, [.. plan.Trials.Take(trials)], plan.MinimumCoverage);

    /// <summary>Live tensors and managed bytes after each 200 trials.</summary>
    private sealed class Samples : IProgress<TrialProgress>
    {
        public List<long> Tensors { get; } = [];

        public List<long> Bytes { get; } = [];

        public void Report(TrialProgress value)
        {
            if (value.Finished == 0 || value.Finished % 200 != 0)
                return;
            Bytes.Add(GC.GetTotalMemory(forceFullCollection: true));
            Tensors.Add(torch.Tensor.TotalCount);
        }
    }
}
