using System.CommandLine;
using System.CommandLine.Help;
using Unlearn.Cli.Commands;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli;

/// <summary>The tool: its commands, and what runs when a command line is in order.</summary>
internal static class UnlearnTool
{
    private const int WidthWithoutTerminal = 120;

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="output">Results.</param>
    /// <param name="errors">Errors.</param>
    /// <param name="isTerminal">Whether a person looks at it.</param>
    /// <param name="cancellationToken">Stops it, as Ctrl+C does.</param>
    /// <returns>The exit code: see <see cref="ExitCodes"/>.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, bool isTerminal, CancellationToken cancellationToken = default) =>
        RunAsync(args, new Screen(output, errors, isTerminal), cancellationToken);

    /// <summary>Runs a command line as the process's own program, which signals stop.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var screen = Screen.OfProcess();
        return StopSignals.RunAsync(screen, cancellationToken => RunAsync(args, screen, cancellationToken));
    }

    private static async Task<int> RunAsync(string[] args, Screen screen, CancellationToken cancellationToken)
    {
        var parsed = Create(screen).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                screen.Errors.WriteLine(error.Message);
            screen.Errors.WriteLine(
                $"'unlearn {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help' lists what there is.");
            return ExitCodes.Usage;
        }
        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = screen.Output,
                Error = screen.Errors,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The commands.</summary>
    public static RootCommand Create(Screen screen)
    {
        var common = new CommonOptions();
        RootCommand root = new(
            "Which training rows of a model are hard to unlearn: predicts it, checks it by really unlearning them, and serves requests to erase rows.")
        {
            common.Json,
            common.Quiet,
            common.Verbose,
            new DoctorCommand(common, screen).Create(),
            new StudyCommand(common, screen).Create(),
            new FactorsCommand(common, screen).Create(),
            new LabelCommand(common, screen).Create(),
            new TrainCommand(common, screen).Create(),
            new TriageCommand(common, screen).Create(),
            new EraseCommand(common, screen).Create(),
            new VerifyCommand(common, screen).Create(),
            new ReportCommand(common, screen).Create(),
            new TransferCommand(common, screen).Create(),
            new WorkerCommand(common, screen).Create(),
            new InitCommand(common, screen).Create(),
        };
        if (!screen.IsTerminal && root.Options.OfType<HelpOption>().First().Action is HelpAction help)
            help.MaxWidth = WidthWithoutTerminal;
        return root;
    }
}
