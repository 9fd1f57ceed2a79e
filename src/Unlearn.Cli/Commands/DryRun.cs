using System.CommandLine;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>What <c>--dry-run</c> does.</summary>
internal static class DryRun
{
    public static Option<bool> Option() =>
        new("--dry-run") { Description = "Says what was understood, what would run and what it would cost, from a few timed trials; nothing is kept." };

    /// <summary>Times parts of a plan, and says what all of it would cost.</summary>
    /// <param name="screen">Where to.</param>
    /// <param name="plan">What would run.</param>
    /// <param name="withModels">Whether factors and hardness models are part of it.</param>
    /// <param name="amount">What the minutes are: about so many, or at most.</param>
    /// <param name="note">What else there is to know.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public static async Task<int> RunAsync(
        Screen screen, StudyPlan plan, bool withModels, string amount, string note, CancellationToken cancellationToken)
    {
        var cost = await ConsoleProgress.RunAsync(screen, progress => new HardnessStudy(plan.ToOptions())
            .EstimatePartsAsync(plan.Data.Rows, plan.Data.TestRows, withModels, progress, cancellationToken)).ConfigureAwait(false);
        screen.Show(EstimateTable.OfUnlearners(cost));
        screen.Show(EstimateTable.OfStages(cost));
        screen.Show(EstimateTable.OfWorkers(cost));
        screen.Result(EstimateTable.Summary(cost, amount, plan.Output, note));
        screen.Json(new
        {
            plan.Data.Title,
            plan.Output,
            Rows = plan.Data.Rows.Count,
            TestRows = plan.Data.TestRows.Count,
            plan.Data.Rows.FeatureCount,
            Classes = plan.Data.ClassNames,
            Unlearners = cost.Unlearners.Select(of => new { Name = of.Unlearner, of.Trials, of.Batches, of.SecondsPerBatch }),
            Seconds = cost.Seconds.ToDictionary(stage => stage.Key.ToString(), stage => stage.Value),
            cost.IsCalibrated,
            cost.SampledRows,
            Minutes = cost.TotalSeconds / 60,
            Megabytes = cost.LedgerBytes / 1e6,
            MegabytesOfMemory = cost.MemoryBytes / 1e6,
            cost.EstimationSeconds,
        });
        return ExitCodes.Success;
    }
}
