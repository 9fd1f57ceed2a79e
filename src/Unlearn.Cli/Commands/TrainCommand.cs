using System.CommandLine;
using Microsoft.ML;
using Unlearn.Cli.Erasures;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn train</c>: trains a model that erasure requests can be made of.</summary>
internal sealed class TrainCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Option<bool> _dryRun = DryRun.Option();

    protected override string Name => "train";

    protected override string Description =>
        "Trains a model and labels its rows, and makes a folder in which requests to erase rows are planned, served and proven.";

    protected override IReadOnlyList<Setting> Settings =>
        [.. KnownSettings.OfData, .. KnownSettings.OfModels, .. KnownSettings.OfLabels, .. KnownSettings.OfErasures, .. KnownSettings.OfRuns];

    protected override void AddArguments(Command command) => command.Add(_dryRun);

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        if (settings.Text(KnownSettings.Output) is { } named)
            new TrainedFolder(named).CheckNew();
        TorchRuntime.KeepFreedMemory();
        using var data = await DataLoader.LoadAsync(settings, Screen, cancellationToken).ConfigureAwait(false);
        var folder = new TrainedFolder(StudyPlanning.Output(settings, data, "-model"));
        folder.CheckNew();
        var context = new MLContext(settings.Integer(KnownSettings.Seed) ?? 1);
        var labeling = Labeling.Options(settings, data, context, folder.Ledger);
        Check(labeling, data);
        if (parsed.GetValue(_dryRun))
            return await Labeling.DryRunAsync(Screen, labeling, data, folder.Path, cancellationToken).ConfigureAwait(false);
        settings.Set(KnownSettings.Data, [Path.GetFullPath(settings.Text(KnownSettings.Data)!)], "DATA");
        settings.Set(KnownSettings.Output, [Path.GetFullPath(folder.Path)], "--out");
        settings.Set(KnownSettings.Model, [data.Model.Name], "--model");
        folder.Write(context, settings, data);
        Kept = $"'{folder.Path}'";
        // Rows as later commands read them.
        var view = RowFile.Read(context, folder.Rows);
        var labels = await ConsoleProgress.RunAsync(Screen, progress => context.Data.LabelUnlearningHardnessAsync(
            view, labeling with { TargetSeed = labeling.Seed }, progress, cancellationToken)).ConfigureAwait(false);
        return await TorchThreads.RunAsync("unlearn", () =>
        {
            using var rows = TrainingRows.FromDataView(view);
            using var model = data.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), labeling.Seed, cancellationToken: cancellationToken);
            using var workspace = folder.Create(context, model, labels, Policies.Of(settings));
            Show(folder, workspace, Accuracy.Of(model, rows), Accuracy.Of(model, data.Rows.TestRows));
            return ExitCodes.Success;
        }).ConfigureAwait(false);
    }

    private static void Check(HardnessLabelingOptions labeling, LoadedData data)
    {
        if (labeling.Unlearners.Any(unlearner => !unlearner.IsExact))
            return;
        throw new ArgumentException(data.Model.Unlearners is null
            ? "Erasures compare retraining with something quicker, and no unlearner is: add FT to --unlearners."
            : $"Nothing quicker than retraining unlearns from {data.Model.Name}, so there is nothing to choose: retrain it without the rows, "
                + "or take a network by --model.");
    }

    private void Show(TrainedFolder folder, ErasureWorkspace workspace, double trainAccuracy, double testAccuracy)
    {
        var path = Path.GetFullPath(folder.Path);
        Screen.Say(Invariant($"Model: train accuracy {trainAccuracy:0.000}, test accuracy {testAccuracy:0.000}."));
        Screen.Result($"Trained: {path}");
        Screen.Say($"Next: unlearn triage {folder.Path} --rows {string.Join(',', workspace.RowIds.Take(2))}");
        Screen.Json(new
        {
            Folder = path,
            Rows = workspace.RowIds.Count,
            TrainAccuracy = trainAccuracy,
            TestAccuracy = testAccuracy,
            workspace.ModelHash,
            workspace.LogHash,
        });
    }
}
