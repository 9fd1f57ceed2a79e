using System.CommandLine;
using System.Text.Json;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn study</c>: from data to a report.</summary>
internal sealed class StudyCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Option<bool> _dryRun =
        new("--dry-run") { Description = "Says what was understood, what would run and what it would cost; each unlearner is tried once, nothing is kept." };

    protected override string Name => "study";

    protected override string Description =>
        "Finds out which rows of your data are hard to unlearn from a model, how well that can be predicted, and writes a report.";

    protected override IReadOnlyList<Setting> Settings =>
        [.. KnownSettings.OfData, .. KnownSettings.OfModels, .. KnownSettings.OfStudies, .. KnownSettings.OfRuns];

    protected override void AddArguments(Command command) => command.Add(_dryRun);

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        TorchRuntime.KeepFreedMemory();
        using var data = await DataLoader.LoadAsync(settings, Screen, cancellationToken).ConfigureAwait(false);
        var plan = StudyPlanning.Plan(settings, data);
        if (parsed.GetValue(_dryRun))
        {
            Show(plan, await TorchThreads.RunAsync("unlearn", () => CostEstimate.Measure(plan, cancellationToken)).ConfigureAwait(false));
            return ExitCodes.Success;
        }
        Kept = plan.Output;
        await RunAsync(settings, plan, Screen, cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }

    /// <summary>Runs a plan, and keeps its settings in its folder.</summary>
    public static async Task RunAsync(SettingValues settings, StudyPlan plan, Screen screen, CancellationToken cancellationToken)
    {
        var options = Path.Combine(plan.Output, OptionsFile.Name);
        settings.Set(KnownSettings.Data, [Path.GetFullPath(settings.Text(KnownSettings.Data)!)], "DATA");
        settings.Set(KnownSettings.Output, [Path.GetFullPath(plan.Output)], "--out");
        // A folder of another study keeps its own: the ledger refuses this one.
        if (!File.Exists(Path.Combine(plan.Output, StudyRun.Ledger)))
            Files.Write(options, OptionsFile.Of(settings));
        await StudyRun.RunAsync(plan, screen, cancellationToken).ConfigureAwait(false);
        Files.Write(options, OptionsFile.Of(settings));
        if (screen.IsJson)
        {
            using var summary = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(plan.Output, StudyFiles.Summary)));
            screen.Json(new
            {
                Folder = Path.GetFullPath(plan.Output),
                Report = Path.GetFullPath(Path.Combine(plan.Output, StudyFiles.Report)),
                Summary = summary.RootElement,
            });
        }
    }

    private void Show(StudyPlan plan, CostEstimate cost)
    {
        Screen.Show(cost.ToConsole());
        Screen.Result(Invariant($"About {cost.Minutes:0.0} minutes on {cost.Workers} workers, and {cost.Megabytes:0.0} MB in '{plan.Output}'. ")
            + Invariant($"Stacked trainings are quicker; factors and hardness models come on top."));
        Screen.Json(new
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
    }
}
