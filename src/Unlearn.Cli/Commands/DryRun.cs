using System.CommandLine;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Cli.Commands;

/// <summary>What <c>--dry-run</c> does.</summary>
internal static class DryRun
{
    public static Option<bool> Option() =>
        new("--dry-run") { Description = "Says what was understood, what would run and what it would cost; each unlearner is tried once, nothing is kept." };

    /// <summary>Tries each unlearner once, and says what all trials would cost.</summary>
    /// <param name="screen">Where to.</param>
    /// <param name="plan">What would run.</param>
    /// <param name="amount">What the minutes are: about so many, or at most.</param>
    /// <param name="note">What else there is to know.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public static async Task<int> RunAsync(Screen screen, StudyPlan plan, string amount, string note, CancellationToken cancellationToken)
    {
        var cost = await TorchThreads.RunAsync("unlearn", () => CostEstimate.Measure(plan, cancellationToken)).ConfigureAwait(false);
        screen.Show(cost.ToConsole());
        screen.Result(
            Invariant($"{amount} {cost.Minutes:0.0} minutes on {cost.Workers} workers, and {cost.Megabytes:0.0} MB in '{plan.Output}'. {note}"));
        screen.Json(new
        {
            plan.Data.Title,
            plan.Output,
            Rows = plan.Data.Rows.Count,
            TestRows = plan.Data.TestRows.Count,
            plan.Data.Rows.FeatureCount,
            Classes = plan.Data.ClassNames,
            Unlearners = cost.Unlearners.Select(of => new { Name = of.Unlearner, of.Trials, of.SecondsOfTrial }),
            cost.Minutes,
            cost.Megabytes,
        });
        return ExitCodes.Success;
    }
}
