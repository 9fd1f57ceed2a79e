using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Unlearn.Tests;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>
/// Real signals to a real process: how it ends, how soon, and what it says. <c>UNLEARN_STOPS=50</c> asks for that many random moments instead of a
/// handful.
/// </summary>
public sealed class StopSignalTests(PeopleStudy people) : IClassFixture<PeopleStudy>
{
    private const int SigInt = 2, SigTerm = 15;
    private const string Stopped = "Stopped. ";

    // An idle machine takes a second or two; others may use this one. The test of random moments says how long the slowest stop took.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static int Stops => CaseCount.Of("UNLEARN_STOPS", 5);

    [Theory]
    [InlineData("Target:", SigInt)]
    [InlineData("Factors: fitting", SigTerm)]
    [InlineData("Calibration:", SigInt)]
    [InlineData("Trials:", SigTerm)]
    [InlineData("Hardness:", SigInt)]
    public async Task EveryPhaseOfAStudyEndsWithTheSignalsCodeAndALine(string phase, int signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by libc");
        var folder = people.File($"phase-{phase.Length}-{signal}");
        using var study = Start(people.Arguments(folder));
        await UntilAsync(study, phase);
        await Task.Delay(30, TestContext.Current.CancellationToken);
        var (code, lines, seconds) = await SignalAsync(study, signal);
        Assert.Equal(128 + signal, code);
        Assert.Equal($"Stopped. Finished trials are kept in '{folder}': the same command goes on from there.", Assert.Single(lines));
        Assert.InRange(seconds, 0, Soon.TotalSeconds);
    }

    [Fact]
    public async Task AtAnyMomentAProcessEndsSoonAndTheStudyGoesOnFromThere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by libc");
        var clock = Stopwatch.StartNew();
        using (var study = Start(people.Arguments(people.File("uninterrupted"))))
        {
            await Task.WhenAll(study.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
                study.WaitForExitAsync(TestContext.Current.CancellationToken));
            Assert.Equal(0, study.ExitCode);
        }
        var whole = clock.Elapsed;
        var (random, slowest, stopped, done) = (new Random(1), 0.0, 0, 0);
        for (var stop = 0; stop < Stops; stop++)
        {
            // Half of them begin anew, half go on in a folder that others have begun.
            var folder = people.File(stop % 2 == 0 ? $"new-{stop}" : "again");
            var signal = stop % 3 == 0 ? SigTerm : SigInt;
            using var study = Start(people.Arguments(folder));
            var output = study.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await Task.Delay(whole * random.NextDouble(), TestContext.Current.CancellationToken);
            var (code, lines, seconds) = await SignalAsync(study, signal);
            // All was said and done: the signal came after the end, or while the process wound down, which listens no more.
            if (lines.Length == 0 && (code == 0 || (await output).Contains("Report: ", StringComparison.Ordinal)))
            {
                Assert.Contains(code, (int[])[0, 128 + signal]);
                done++;
                continue;
            }
            stopped++;
            Assert.True(code == 128 + signal, $"stop {stop}: code {code}, {string.Join(" | ", lines)}");
            // Before the runtime has begun, the system itself ends a process, without a word.
            if (lines.Length > 0 || (await output).Length > 0)
                Assert.StartsWith(Stopped, Assert.Single(lines), StringComparison.Ordinal);
            Assert.InRange(seconds, 0, Soon.TotalSeconds);
            slowest = Math.Max(slowest, seconds);
        }
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{stopped} stops, the slowest took {slowest:0.00} s; {done} were done before"));
        Assert.True(stopped > 0, "Every study was done before its signal.");
        var last = await Tool.RunAsync(people.Arguments(people.File("again")));
        Assert.Equal(0, last.Code);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(people.File("uninterrupted"), "hardness.csv"), TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(Path.Combine(people.File("again"), "hardness.csv"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FactorsOfALongFitAreStopped()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by libc");
        var table = people.File("many.csv");
        await File.WriteAllTextAsync(table, TestTables.People(1600), TestContext.Current.CancellationToken);
        using var factors = Start(["factors", table, "--label", "income", "--model", "logistic", "--epochs", "1", "--factors", "DeletedResidual",
            "--out", people.File("factors")]);
        await UntilAsync(factors, "Factors: fitting");
        var (code, lines, seconds) = await SignalAsync(factors, SigInt);
        Assert.Equal(130, code);
        Assert.Equal("Stopped. Nothing is kept: the same command begins anew.", Assert.Single(lines));
        Assert.InRange(seconds, 0, Soon.TotalSeconds);
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(UnlearnTool).Assembly.GetName().Name!);
        // A shell that starts the tests in the background has them ignore SIGINT, and what is ignored is inherited. env takes its place with the program.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        return Process.Start(start)!;
    }

    private static async Task UntilAsync(Process process, string said)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.Contains(said, StringComparison.Ordinal))
                return;
        Assert.Fail($"The process never said '{said}'.");
    }

    private static async Task<(int Code, string[] Errors, double Seconds)> SignalAsync(Process process, int signal)
    {
        var watch = Stopwatch.StartNew();
        _ = Send(process.Id, signal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), seconds);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int process, int signal);
}
