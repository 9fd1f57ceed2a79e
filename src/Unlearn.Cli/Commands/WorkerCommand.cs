using System.CommandLine;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Distributed;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn worker</c>: runs trials for studies and labelings on other machines, and computes factors of Parquet files.</summary>
internal sealed class WorkerCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "The folder that the studies' --cluster names." };

    protected override string Name => "worker";

    protected override string Description =>
        "Runs trials of studies, and computes factors of Parquet files, where these have --cluster, until it is stopped. "
        + $"The variable {KnownSettings.ConnectionVariable} names the database. Run one on each machine.";

    protected override IReadOnlyList<Setting> Settings => [KnownSettings.Workers];

    protected override string Stopped => "Stopped. Other workers do what it has begun.";

    protected override void AddArguments(Command command) => command.Add(_folder);

    // Settings of a study are none of a worker's.
    protected override string? OptionsFileOf(ParseResult parsed) => null;

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = parsed.GetValue(_folder)!;
        var options = new DistributedWorkerOptions
        {
            ConnectionString = ClusterOf.Connection,
            Blobs = new BlobFolder(folder),
            Workers = settings.Integer(KnownSettings.Workers) ?? Environment.ProcessorCount,
        };
        TorchRuntime.KeepFreedMemory();
        Screen.Say($"Taking trials and parts, {options.Workers} at once; blobs are in {Path.GetFullPath(folder)}. Ctrl+C ends it.");
        await DistributedWorker.RunAsync(options, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return ExitCodes.Success;
    }
}
