using System.Diagnostics;
using System.Globalization;
using Unlearn.MLNet.Trials;
using Unlearn.TestPrograms;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>Another process that writes to a ledger: it adds a plan's trials and tells each.</summary>
internal static class LedgerWriterProcess
{
    private const int Trials = 2_000;

    /// <summary>What it writes. Its words about it do not fit into a pipe, so it cannot be done before somebody has listened.</summary>
    public static TrialPlan Plan { get; } = TestTrials.Plan(trials: Trials);

    public static Process Start(string ledgerPath) => TestProgram.Start("write-ledger", ledgerPath, Trials.ToString(CultureInfo.InvariantCulture));
}
