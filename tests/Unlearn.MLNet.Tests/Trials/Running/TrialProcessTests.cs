using Unlearn.MLNet.Trials;
using Unlearn.Tests;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

/// <summary>Processes that share a ledger, killed and not. <c>UNLEARN_KILLS=1000</c> asks for that many kills instead of a dozen.</summary>
public sealed class TrialProcessTests : IDisposable
{
    // Trials that last longer than the kills, and lives in milliseconds that are mostly longer than the first trials of a process, which is slow at first.
    private const int TrialsPerKill = 48;
    private const int LongestLife = 300;

    private static int Kills => CaseCount.Of("UNLEARN_KILLS", 12);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AfterManyKillsTheResultsAreThoseOfAnUninterruptedRunAndNoFinishedTrialRanAgain()
    {
        var (kills, trials) = (Kills, TrialsPerKill * Kills);
        var path = _folder.File("killed.db");
        using var labeling = new TinyLabeling(trials, stack: LabelingProcess.Stack);
        var whole = await labeling.RunAsync(_folder.File("whole.db"), workers: 2);

        // Two processes share the ledger all the time, each killed at a random moment.
        var lanes = await Task.WhenAll(Enumerable.Range(0, 2).Select(KillAgainAndAgain));
        List<string[]> last = [];
        var killed = lanes.SelectMany(lives => lives).ToList();
        var resumed = await labeling.RunAsync(path, workers: 2, batch =>
        {
            lock (last)
                last.Add([.. batch.Select(trial => trial.Id)]);
        });

        Assert.Equal(Bits(whole), Bits(resumed));
        var begun = killed.Append(last).SelectMany(batches => batches).SelectMany(ids => ids).CountBy(id => id).ToDictionary();
        var interrupted = killed.SelectMany(batches => batches.TakeLast(1)).SelectMany(ids => ids).CountBy(id => id).ToDictionary();
        Assert.Equal(trials, begun.Count);
        Assert.All(begun, trial => Assert.InRange(trial.Value, 1, 1 + interrupted.GetValueOrDefault(trial.Key)));
        TestContext.Current.TestOutputHelper!.WriteLine(
            Invariant($"{killed.Count} kills, {trials} results, {trials - last.Sum(batch => batch.Length)} of them by processes that were killed, ")
            + Invariant($"{begun.Values.Sum(times => times - 1)} beginnings in vain of {begun.Values.Count(times => times > 1)} trials"));
        Assert.True(last.Sum(batch => batch.Length) < trials, "No process lived long enough to end a trial.");

        async Task<List<IReadOnlyList<string[]>>> KillAgainAndAgain(int lane)
        {
            var random = new Random(lane);
            List<IReadOnlyList<string[]>> lives = [];
            for (var kill = lane; kill < kills; kill += 2)
            {
                using var process = new LabelingProcess(path, $"{kill}", trials);
                await process.FirstTrialAsync();
                await Task.Delay(random.Next(LongestLife), TestContext.Current.CancellationToken);
                lives.Add(await process.KillAsync());
            }
            return lives;
        }
    }

    [Fact]
    public async Task TwoProcessesShareThePlanAndBothEndWithAllResults()
    {
        const int Trials = 80;
        var path = _folder.File("shared.db");
        using var labeling = new TinyLabeling(Trials, stack: LabelingProcess.Stack);
        using var other = new LabelingProcess(path, "other", Trials);
        await other.FirstTrialAsync();
        List<string> here = [];
        var run = await labeling.RunAsync(path, workers: 1, batch =>
        {
            here.AddRange(batch.Select(trial => trial.Id));
            Thread.Sleep(10);
        });
        var there = (await other.EndAsync()).SelectMany(batch => batch).ToList();

        Assert.Equal(Trials, run.Results.Count);
        Assert.NotEmpty(here);
        Assert.NotEmpty(there);
        Assert.Equal(labeling.TrialIds.Order(StringComparer.Ordinal), here.Concat(there).Order(StringComparer.Ordinal));
    }

    private static string[] Bits(TrialRun run) => [.. run.Results.OrderBy(result => result.TrialId, StringComparer.Ordinal).SelectMany(TestTrials.Bits)];
}
