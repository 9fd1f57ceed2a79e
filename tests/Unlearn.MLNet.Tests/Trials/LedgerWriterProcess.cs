using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>Another process that writes to a ledger: this test program again, which adds a plan's trials and tells each in place of running tests.</summary>
internal static class LedgerWriterProcess
{
    private const string PathVariable = "UNLEARN_TEST_LEDGER_TO_WRITE";

    /// <summary>What it writes. Its words about it do not fit into a pipe, so it cannot be done before somebody has listened.</summary>
    public static TrialPlan Plan { get; } = TestTrials.Plan(trials: 2_000);

    public static Process Start(string ledgerPath)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(LedgerWriterProcess).Assembly.Location);
        start.Environment[PathVariable] = ledgerPath;
        return Process.Start(start)!;
    }

    [ModuleInitializer]
    internal static void WriteInPlaceOfTests()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is not { Length: > 0 } path)
            return;
        using (var ledger = new SqliteTrialLedger(path))
            foreach (var trial in Plan.Trials)
                Console.WriteLine($"{trial.Id} {(ledger.Add(trial, TestTrials.Result(trial)) ? "added" : "was there")}");
        Environment.Exit(0);
    }
}
