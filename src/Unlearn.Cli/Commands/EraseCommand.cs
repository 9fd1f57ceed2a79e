using System.CommandLine;
using Microsoft.ML;
using Unlearn.Cli.Erasures;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn erase</c>: serves requests, and says what is still to do.</summary>
internal sealed class EraseCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Folder that 'unlearn train' wrote." };
    private readonly RequestOptions _request = new();
    private readonly Option<bool> _resume = new("--resume") { Description = "Goes on with requests that were begun and stopped." };
    private readonly Option<bool> _retrain = new("--retrain") { Description = "Retrains now, once for all requests that wait." };
    private readonly Option<bool> _retrainIfDue = new("--retrain-if-due") { Description = "Retrains if it is time: for a job that runs every night." };
    private readonly Option<bool> _purge = new("--purge") { Description = "Then removes erased rows from labels and ledger, and what else was made of them." };

    private string _stopped = Screen.DescribeStop(null);

    protected override string Name => "erase";

    protected override string Description =>
        "Serves a request to erase rows: unlearns, audits, goes to the next method where the audit fails, and certifies. Without rows it says what waits.";

    protected override IReadOnlyList<Setting> Settings => KnownSettings.OfErasures;

    protected override string Stopped => _stopped;

    protected override void AddArguments(Command command)
    {
        command.Add(_folder);
        _request.AddTo(command);
        foreach (var option in new[] { _resume, _retrain, _retrainIfDue, _purge })
            command.Add(option);
    }

    protected override string OptionsFileOf(ParseResult parsed) => new TrainedFolder(parsed.GetValue(_folder)!).Options;

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        var hasRequest = _request.IsGiven(parsed);
        TorchRuntime.KeepFreedMemory();
        var folder = new TrainedFolder(parsed.GetValue(_folder)!);
        var context = new MLContext(settings.Integer(KnownSettings.Seed) ?? 1);
        using var workspace = folder.Open(context, Policies.Of(settings));
        var lines = new Lines(Screen.ProgressLines);
        ErasurePlan? plan = null;
        List<ErasureResult> results = [];
        IReadOnlyList<DerivedFile> purged = [];
        try
        {
            if (parsed.GetValue(_resume))
            {
                _stopped = GoesOn(folder, _resume);
                results.AddRange(await workspace.ResumeAsync(lines, cancellationToken).ConfigureAwait(false));
            }
            if (hasRequest)
            {
                var request = _request.Read(parsed, RowFile.Read(context, folder.Rows));
                plan = await TorchThreads.RunAsync("unlearn", () => workspace.Plan(request)).ConfigureAwait(false);
                PlanView.Show(Screen, plan);
                _stopped = GoesOn(folder, _resume);
                results.Add(await workspace.ExecuteAsync(plan, lines, cancellationToken).ConfigureAwait(false));
            }
            if (parsed.GetValue(_retrain) || parsed.GetValue(_retrainIfDue))
            {
                _stopped = GoesOn(folder, _retrain);
                results.AddRange(await (parsed.GetValue(_retrain)
                    ? workspace.RetrainAsync(lines, cancellationToken)
                    : workspace.RetrainIfDueAsync(lines, cancellationToken)).ConfigureAwait(false));
            }
            if (parsed.GetValue(_purge))
            {
                _stopped = GoesOn(folder, _purge);
                purged = workspace.Purge();
            }
        }
        finally
        {
            folder.DropErased(context, workspace);
        }
        Show(folder, workspace, plan, [.. results.GroupBy(result => result.RequestId).Select(same => same.Last())], purged);
        return ExitCodes.Success;
    }

    private void Show(
        TrainedFolder folder, ErasureWorkspace workspace, ErasurePlan? plan, IReadOnlyList<ErasureResult> results, IReadOnlyList<DerivedFile> purged)
    {
        foreach (var result in results.Where(result => result.State == ErasureState.Completed))
            Screen.Result(PlanView.Describe(result));
        if (purged.Count > 0)
            Screen.Say($"Purged: {string.Join(", ", purged.Select(file => $"{Path.GetFileName(file.Path)} {(file.IsRewritten ? "rewritten" : "deleted")}"))}.");
        if (workspace.Unfinished.Count > 0)
            Screen.Result($"Unfinished: {string.Join(", ", workspace.Unfinished)}. 'unlearn erase {folder.Path} --resume' goes on.");
        Screen.Result(workspace.NextRetraining is { } next
            ? Invariant($"Waiting: {string.Join(", ", workspace.Waiting)}. The next retraining must start at {next:u}; ")
                + $"'unlearn erase {folder.Path} --retrain' does it now."
            : "No request waits for a retraining.");
        Screen.Say($"{workspace.RowIds.Count} rows are left. Log: {workspace.LogHash}. "
            + "Keep this hash elsewhere: 'unlearn verify --log-hash' tells by it whether the log was replaced.");
        Screen.Json(new
        {
            Plan = plan is null ? null : PlanView.ToDocument(plan),
            Results = results.Select(PlanView.ToDocument),
            Purged = purged.Select(file => new { file.Path, Action = file.IsRewritten ? "rewritten" : "deleted", file.Remembers }),
            workspace.Waiting,
            workspace.Unfinished,
            workspace.NextRetraining,
            RowsLeft = workspace.RowIds.Count,
            workspace.ModelHash,
            workspace.LogHash,
        });
    }

    private static string GoesOn(TrainedFolder folder, Option<bool> option) =>
        $"Stopped. What is finished is kept: 'unlearn erase {folder.Path} {option.Name}' goes on.";

    // Progress<T> would write from other threads, after the results.
    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
