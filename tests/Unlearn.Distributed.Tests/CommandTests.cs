using System.Diagnostics;
using Unlearn.Cli;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Cli.Tests;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary><c>unlearn study --cluster</c> and <c>unlearn worker</c>, as on two machines.</summary>
[Collection(nameof(ChaosTests))]
public sealed class CommandTests(PostgresServer server) : IDisposable
{
    private readonly Unlearn.MLNet.Tests.TemporaryFolder _folder = new();

    [Fact]
    public async Task A_study_by_workers_whose_coordinator_is_killed_is_that_of_one_process()
    {
        Environment.SetEnvironmentVariable(KnownSettings.ConnectionVariable, server.NewDatabase());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var table = _folder.File("people.csv");
        await File.WriteAllTextAsync(table, TestTables.People(), TestContext.Current.CancellationToken);
        var blobs = _folder.File("blobs");
        var worker = Tool.RunAsync(["worker", blobs, "--workers", "1"], end.Token);

        await StartAndKillAsync(Study("there", "--cluster", blobs));
        var there = await Tool.RunAsync(Study("there", "--cluster", blobs), end.Token);
        Assert.Equal((ExitCodes.Success, ""), (there.Code, there.Errors));
        Assert.Equal(ExitCodes.Success, (await Tool.RunAsync(Study("here"), end.Token)).Code);
        Assert.Equal(Result("here"), Result("there"));
        Assert.False(File.Exists(Path.Combine(_folder.File("there"), "trials.db")));
        var report = await Tool.RunAsync(["report", _folder.File("there")], end.Token);
        Assert.Equal((ExitCodes.Success, ""), (report.Code, report.Errors));

        await end.CancelAsync();
        var stopped = await worker;
        Assert.Equal(ExitCodes.Stopped, stopped.Code);
        Assert.Contains("Other workers do what it has begun.", stopped.Errors, StringComparison.Ordinal);
        foreach (var run in new[] { there, report, stopped })
            Assert.DoesNotContain(PostgresServer.Password, run.Output + run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_workers_cannot_train_and_a_database_that_nobody_named_are_told_before_any_work()
    {
        var table = _folder.File("people.csv");
        await File.WriteAllTextAsync(table, TestTables.People(), TestContext.Current.CancellationToken);
        Environment.SetEnvironmentVariable(KnownSettings.ConnectionVariable, null);
        foreach (var command in (string[][])[Study("out", "--cluster", "blobs"), ["worker", "blobs"]])
        {
            var unnamed = await Tool.RunAsync(command, TestContext.Current.CancellationToken);
            Assert.Equal(ExitCodes.Usage, unnamed.Code);
            Assert.StartsWith("Which database?", unnamed.Errors, StringComparison.Ordinal);
        }
        Environment.SetEnvironmentVariable(KnownSettings.ConnectionVariable, "Host=nowhere");
        var trees = await Tool.RunAsync(
            ["study", table, "--label", "income", "--model", "lightgbm", "--cluster", "blobs"], TestContext.Current.CancellationToken);
        Assert.Equal((ExitCodes.Usage, "--model lightgbm cannot be given to workers, which know ready-made networks alone: leave out --cluster.\n"),
            (trees.Code, trees.Errors));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(KnownSettings.ConnectionVariable, null);
        _folder.Dispose();
    }

    private string[] Study(string folder, params string[] more) =>
    [
        "study", _folder.File("people.csv"), "--label", "income", "--model", "logistic", "--epochs", "3", "--unlearners", "EU,FT", "--trials", "8",
        "--rows", "110", "--out", _folder.File(folder), .. more,
    ];

    // In the midst of its trials, as `kill -9` does.
    private static async Task StartAndKillAsync(string[] arguments)
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(UnlearnTool).Assembly.GetName().Name!);
        using var coordinator = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true })!;
        while (await coordinator.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.Contains("Trials: ", StringComparison.Ordinal))
                break;
        Assert.False(coordinator.HasExited);
        coordinator.Kill();
        await coordinator.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private string Result(string folder) => File.ReadAllText(Path.Combine(_folder.File(folder), "hardness.csv"));
}
