using System.CommandLine;
using Unlearn.Cli.Erasures;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn verify</c>: whether log, model and certificates are what was written.</summary>
internal sealed class VerifyCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private const int HashDigits = 64;

    private readonly Argument<string> _folder = new("FOLDER") { Description = "Folder that 'unlearn train' wrote, or a workspace of erasures." };
    private readonly Option<string?> _logHash = new("--log-hash")
    {
        Description = "Hash that an earlier command showed, and that was kept elsewhere: the log must still contain it.",
        HelpName = "HASH",
    };

    protected override string Name => "verify";

    protected override string Description => "Checks that log, model and certificates of a folder are what was written. Exits with 1 if they are not.";

    protected override void AddArguments(Command command)
    {
        command.Add(_folder);
        command.Add(_logHash);
    }

    protected override Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        var hash = parsed.GetValue(_logHash)?.Trim().ToLowerInvariant();
        if (hash is not null && (hash.Length != HashDigits || !hash.All(char.IsAsciiHexDigit)))
            throw new UsageException($"--log-hash takes {HashDigits} hexadecimal digits, as 'unlearn erase' shows them, not '{hash}'.");
        var folder = new TrainedFolder(parsed.GetValue(_folder)!);
        folder.CheckReady();
        var found = ErasureWorkspace.Verify(folder.Workspace, hash);
        foreach (var problem in found.Problems)
            Screen.Result(problem);
        if (found.IsValid)
            Screen.Result(Invariant($"Intact: {found.Entries} entries of the log, the model, and {found.Certificates} certificates. Log: {found.LogHash}"));
        Screen.Json(new { Valid = found.IsValid, found.Problems, found.Entries, found.LogHash, found.Certificates });
        return Task.FromResult(found.IsValid ? ExitCodes.Success : ExitCodes.Failure);
    }
}
