using System.CommandLine;
using Microsoft.ML;
using Unlearn.Cli.Erasures;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn triage</c>: how a request would be served.</summary>
internal sealed class TriageCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Folder that 'unlearn train' wrote." };
    private readonly RequestOptions _request = new();

    protected override string Name => "triage";

    protected override string Description => "Plans a request to erase rows: which rows a quick method really removes, and which need retraining. "
        + "Nothing is changed.";

    protected override IReadOnlyList<Setting> Settings => KnownSettings.OfErasures;

    protected override void AddArguments(Command command)
    {
        command.Add(_folder);
        _request.AddTo(command);
    }

    protected override string OptionsFileOf(ParseResult parsed) => new TrainedFolder(parsed.GetValue(_folder)!).Options;

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        if (!_request.IsGiven(parsed))
            throw new UsageException("Which rows? Name them by --rows 17,42, --rows-file FILE or --where COLUMN=VALUE.");
        TorchRuntime.KeepFreedMemory();
        var folder = new TrainedFolder(parsed.GetValue(_folder)!);
        var context = new MLContext(settings.Integer(KnownSettings.Seed) ?? 1);
        using var workspace = folder.Open(context, Policies.Of(settings));
        var request = _request.Read(parsed, RowFile.Read(context, folder.Rows));
        var plan = await TorchThreads.RunAsync("unlearn", () => workspace.Plan(request)).ConfigureAwait(false);
        PlanView.Show(Screen, plan);
        Screen.Json(PlanView.ToDocument(plan));
        return ExitCodes.Success;
    }
}
