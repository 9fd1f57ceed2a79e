using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn label</c>: really unlearns rows until it is sure enough which are hard.</summary>
internal sealed class LabelCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private const string FileName = "labels.csv";

    private readonly Option<bool> _dryRun = DryRun.Option();

    protected override string Name => "label";

    protected override string Description => "Labels rows by how hard they are to unlearn, by really unlearning them, until the labels are sure enough.";

    protected override IReadOnlyList<Setting> Settings =>
        [.. KnownSettings.OfData, .. KnownSettings.OfModels, .. KnownSettings.OfLabels, KnownSettings.Cluster, .. KnownSettings.OfRuns];

    protected override void AddArguments(Command command) => command.Add(_dryRun);

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        TorchRuntime.KeepFreedMemory();
        using var data = await DataLoader.LoadAsync(settings, Screen, cancellationToken).ConfigureAwait(false);
        var folder = StudyPlanning.Output(settings, data, "-labels");
        var context = new MLContext(settings.Integer(KnownSettings.Seed) ?? 1);
        var options = Labeling.Options(settings, data, context, Path.Combine(folder, StudyRun.Ledger));
        if (parsed.GetValue(_dryRun))
            return await Labeling.DryRunAsync(Screen, options, data, folder, cancellationToken).ConfigureAwait(false);
        Kept = options.Cluster is null ? $"'{folder}'" : ClusterOf.Database;
        Directory.CreateDirectory(folder);
        var labels = await ConsoleProgress.RunAsync(Screen, progress => context.Data.LabelUnlearningHardnessAsync(
            data.Rows.Rows.ToDataView(context), options, progress, cancellationToken)).ConfigureAwait(false);
        var path = Path.Combine(folder, FileName);
        Files.Write(path, stream =>
            ViewCsv.Write(stream, labels, [.. labels.Schema.Where(column => !column.IsHidden && column.Name != "Labeled").Select(column => column.Name)]));
        var hard = labels.GetColumn<bool>("Hard").Count(isHard => isHard);
        Screen.Say(Invariant($"{hard} of {data.Rows.Rows.Count} rows are the hardest."));
        Screen.Result($"Labels: {Path.GetFullPath(path)}");
        Screen.Json(new { File = Path.GetFullPath(path), Rows = data.Rows.Rows.Count, Hard = hard, Columns = labels.Schema.Select(column => column.Name) });
        return ExitCodes.Success;
    }
}
