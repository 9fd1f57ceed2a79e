using Unlearn.MLNet.Erasure.Log;
using Unlearn.TestPrograms;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed class ErasureKillTests(ErasureCase shared) : IClassFixture<ErasureCase>
{
    // UNLEARN_KILLS asks for another number.
    private static int Kills => CaseCount.Of("UNLEARN_KILLS", 4);

    [Fact]
    public async Task Killed_again_and_again_each_request_is_completed_once_and_the_model_is_the_same()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "quiet", "killed" })
            ErasureWorkspace.Create(
                ErasureCase.Context(), folder.File(name), ErasureCase.Rows, shared.Model, shared.Labels, new() { Recipe = TinyStudy.Recipe }).Dispose();
        Assert.Equal(0, await RunAsync(folder.File("quiet"), null));

        var random = new SeededRandom(1);
        var kills = 0;
        while (await RunAsync(folder.File("killed"), kills < Kills ? TimeSpan.FromMilliseconds(400 + random.Next(2_000)) : null) != 0)
            kills++;
        Assert.InRange(kills, 1, Kills);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills");

        var (quiet, killed) = (Entries("quiet"), Entries("killed"));
        Assert.Equal(Completed(quiet), Completed(killed));
        Assert.Equal(6, Completed(killed).Distinct().Count());
        Assert.Equal(Model(quiet), Model(killed));
        var verified = ErasureWorkspace.Verify(folder.File("killed"));
        Assert.Empty(verified.Problems);
        Assert.Equal(6, verified.Certificates);
        // Nobody was left behind: neither models before nor half-written files.
        Assert.Single(Directory.GetFiles(folder.File("killed/models"), "*.zip"));

        IReadOnlyList<LogEntry> Entries(string name) => LogText.Read(File.ReadAllBytes(folder.File($"{name}/log.jsonl")));
        static IReadOnlyList<string> Completed(IReadOnlyList<LogEntry> entries) =>
            [.. entries.Where(entry => entry.Kind == EntryKind.Completed).SelectMany(entry => entry.Texts("requests"))];
        static string Model(IReadOnlyList<LogEntry> entries) => entries.Last(entry => entry.Kind == EntryKind.Completed).Text("model");
    }

    private static async Task<int> RunAsync(string folder, TimeSpan? killAfter)
    {
        using var process = TestProgram.Start("erase", folder);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (killAfter is { } after)
        {
            await Task.WhenAny(process.WaitForExitAsync(TestContext.Current.CancellationToken), Task.Delay(after, TestContext.Current.CancellationToken));
            if (!process.HasExited)
                process.Kill();
        }
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await output;
        return process.ExitCode;
    }
}
