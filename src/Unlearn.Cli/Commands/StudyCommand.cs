using System.CommandLine;
using System.Text.Json;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn study</c>: from data to a report.</summary>
internal sealed class StudyCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Option<bool> _dryRun = DryRun.Option();

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
            return await DryRun.RunAsync(
                Screen, plan, withModels: true, "About", "", cancellationToken).ConfigureAwait(false);
        Kept = plan.Cluster is null ? $"'{plan.Output}'" : ClusterOf.Database;
        await RunAsync(settings, plan, Screen, cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }

    /// <summary>Runs a plan, and keeps its settings in its folder.</summary>
    public static async Task RunAsync(SettingValues settings, StudyPlan plan, Screen screen, CancellationToken cancellationToken)
    {
        var options = Path.Combine(plan.Output, OptionsFile.Name);
        settings.Set(KnownSettings.Data, [Path.GetFullPath(settings.Text(KnownSettings.Data)!)], "DATA");
        settings.Set(KnownSettings.Output, [Path.GetFullPath(plan.Output)], "--out");
        if (settings.Text(KnownSettings.Cluster) is { } shared)
            settings.Set(KnownSettings.Cluster, [Path.GetFullPath(shared)], "--cluster");
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
}
