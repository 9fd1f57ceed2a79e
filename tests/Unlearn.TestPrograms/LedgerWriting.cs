using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.TestPrograms;

/// <summary>Adds the trials of a plan to a ledger and tells each.</summary>
internal static class LedgerWriting
{
    public static void Run(string ledgerPath, int trials)
    {
        using var ledger = new SqliteTrialLedger(ledgerPath);
        foreach (var trial in TestTrials.Plan(trials: trials).Trials)
            Console.WriteLine($"{trial.Id} {(ledger.Add(trial, TestTrials.Result(trial)) ? "added" : "was there")}");
    }
}
