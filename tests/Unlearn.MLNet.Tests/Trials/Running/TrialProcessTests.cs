using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

public sealed class TrialProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AfterManyKillsTheResultsAreThoseOfAnUninterruptedRunAndNoFinishedTrialRanAgain()
    {
        const int Trials = 500, Kills = 12;
        var path = _folder.File("killed.db");
        using var labeling = new TinyLabeling(Trials, stack: LabelingProcess.Stack);
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
        Assert.Equal(Trials, begun.Count);
        Assert.All(begun, trial => Assert.InRange(trial.Value, 1, 1 + interrupted.GetValueOrDefault(trial.Key)));

        async Task<List<IReadOnlyList<string[]>>> KillAgainAndAgain(int lane)
        {
            var random = new Random(lane);
            List<IReadOnlyList<string[]>> lives = [];
            for (var kill = 0; kill < Kills / 2; kill++)
            {
                using var process = new LabelingProcess(path, $"{lane}-{kill}", Trials);
                await process.FirstTrialAsync();
                await Task.Delay(random.Next(150), TestContext.Current.CancellationToken);
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
