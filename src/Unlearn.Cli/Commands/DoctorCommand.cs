using System.CommandLine;
using Spectre.Console;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn doctor</c>: whether this machine can run it, and what to do where it cannot.</summary>
internal sealed class DoctorCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    protected override string Name => "doctor";

    protected override string Description => "Checks the machine: native library, convolutions, CUDA, garbage collection, memory, disk and versions.";

    protected override Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        var checks = MachineChecks.Run();
        var table = PlainTable.Create("This machine", "check", "state", "found", "cure");
        foreach (var check in checks)
            table.AddRow(Markup.Escape(check.Name), State(check.State), Markup.Escape(check.Found), Markup.Escape(check.Cure));
        Screen.Show(table);
        foreach (var bad in checks.Where(check => check.State == CheckState.Fails && Screen.IsQuiet))
            Screen.Result($"{bad.Name}: {bad.Found} {bad.Cure}");
        Screen.Json(checks.Select(check => new { check.Name, State = check.State.ToString().ToLowerInvariant(), check.Found, check.Cure }));
        return Task.FromResult(checks.Any(check => check.State == CheckState.Fails) ? ExitCodes.Failure : ExitCodes.Success);
    }

    private static string State(CheckState state) => state switch
    {
        CheckState.Fine => "[green]fine[/]",
        CheckState.Slow => "[yellow]could be better[/]",
        _ => "[red]fails[/]",
    };
}
