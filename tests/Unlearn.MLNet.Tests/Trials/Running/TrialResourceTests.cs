using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

/// <summary>What real trials take and give back. They look at process-wide counts, and so run apart from all others.</summary>
[Collection(nameof(TorchThreads))]
public sealed class TrialResourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task AThousandTrialsLeaveNothingBehind(int stack)
    {
        using var labeling = new TinyLabeling(trials: 1_000, stack: stack);
        var samples = new Samples();
        await labeling.RunAsync(_folder.File("ledger.db"), workers: 1, progress: samples, cancellationToken: TestContext.Current.CancellationToken);

        // What comes first fills caches.
        var (tensors, bytes) = (samples.Tensors[1..], samples.Bytes[1..]);
        Assert.Equal(4, tensors.Count);
        Assert.Single(tensors.Distinct());
        var growth = bytes.Select((now, i) => now - bytes.Take(i + 1).Min()).Max(); // what other tests left behind may go meanwhile
        Assert.True(growth < 200_000, $"Managed bytes after each 200 trials: {string.Join(", ", samples.Bytes)}.");
    }

    [Fact]
    public async Task CancellationInTheMiddleOfTrainingsEndsThemAndKeepsWhatHadFinished()
    {
        using var labeling = new TinyLabeling(trials: 100, epochs: 1_000_000);
        var path = _folder.File("ledger.db");
        List<TrialProgress> reports = [];
        using var cancellation = new CancellationTokenSource();
        using var training = new SemaphoreSlim(0);
        var running = labeling.RunAsync(path, workers: 2, batch =>
        {
            if (batch[0].Unlearner == "EU")
                training.Release();
        }, new ProgressRecorder<TrialProgress>(reports), cancellation.Token);
        for (var worker = 0; worker < 2; worker++)
            await training.WaitAsync(TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);

        var clock = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        // The trainings would go on for hours; how soon they end depends on what else the machine does.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");

        using var reopened = new SqliteTrialLedger(path);
        var states = reopened.States([.. labeling.TrialIds]);
        Assert.Equal((1, 99), (states.Count(state => state == TrialState.Finished), states.Count(state => state == TrialState.Pending)));
        Assert.Equal(1, reports[^1].Finished);
    }

    /// <summary>
    /// Live tensors of the only worker and managed bytes after each 200 trials. (Tensor.TotalCount grows with every parameter that was ever made.)
    /// </summary>
    private sealed class Samples : IProgress<TrialProgress>
    {
        public List<long> Tensors { get; } = [];

        public List<long> Bytes { get; } = [];

        public void Report(TrialProgress value)
        {
            if (value.Finished == 0 || value.Finished % 200 != 0)
                return;
            Bytes.Add(GC.GetTotalMemory(forceFullCollection: true));
            Tensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }
}
