using System.CommandLine;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn report</c>: the report of a study's folder anew, from the trials in its ledger.</summary>
internal sealed class ReportCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Output folder of a study." };

    protected override string Name => "report";

    protected override string Description => "Writes the report of a study's folder anew: its trials are not run again, only those that are missing.";

    protected override IReadOnlyList<Setting> Settings => [KnownSettings.Trainer, KnownSettings.SingleRows, KnownSettings.RetryFailed, KnownSettings.Workers];

    protected override void AddArguments(Command command) => command.Add(_folder);

    protected override string OptionsFileOf(ParseResult parsed) => Path.Combine(parsed.GetValue(_folder)!, OptionsFile.Name);

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = parsed.GetValue(_folder)!;
        if (!File.Exists(OptionsFileOf(parsed)) || !settings.Has(KnownSettings.Cluster) && !File.Exists(Path.Combine(folder, StudyRun.Ledger)))
            throw new FileNotFoundException(
                $"'{folder}' is no folder of a study: '{OptionsFile.Name}' and '{StudyRun.Ledger}' must be in it. Name one that 'unlearn study' wrote.");
        settings.Set(KnownSettings.Output, [folder], "FOLDER");
        StudyPlanning.Check(settings);
        TorchRuntime.KeepFreedMemory();
        Kept = $"'{folder}'";
        using var data = await DataLoader.LoadAsync(settings, Screen, cancellationToken).ConfigureAwait(false);
        await StudyCommand.RunAsync(settings, StudyPlanning.Plan(settings, data), Screen, cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
