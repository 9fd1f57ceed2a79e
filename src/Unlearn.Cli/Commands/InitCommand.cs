using System.CommandLine;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn init</c>: a commented options file.</summary>
internal sealed class InitCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Option<bool> _force = new("--force") { Description = "Replaces an options file that is there." };

    protected override string Name => "init";

    protected override string Description =>
        $"Writes {OptionsFile.Name}, with a comment on every option, and its JSON schema. Options that are given are filled in.";

    protected override IReadOnlyList<Setting> Settings => KnownSettings.All;

    protected override void AddArguments(Command command) => command.Add(_force);

    // It writes the file that others read.
    protected override string? OptionsFileOf(ParseResult parsed) => null;

    protected override Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        if (File.Exists(OptionsFile.Name) && !parsed.GetValue(_force))
            throw new IOException($"'{OptionsFile.Name}' is there already: --force replaces it.");
        Files.Write(OptionsFile.Name, OptionsFile.Commented(settings));
        Files.Write(OptionsFile.SchemaName, OptionsFile.Schema());
        Screen.Result($"Written: {OptionsFile.Name} and {OptionsFile.SchemaName}.");
        Screen.Json(new { File = Path.GetFullPath(OptionsFile.Name), Schema = Path.GetFullPath(OptionsFile.SchemaName) });
        return Task.FromResult(ExitCodes.Success);
    }
}
