using System.CommandLine;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Commands;

/// <summary>A command of the tool: its settings become options, its failures lines and exit codes.</summary>
/// <param name="common">Options of every command.</param>
/// <param name="screen">Where it writes.</param>
internal abstract class ToolCommand(CommonOptions common, Screen screen)
{
    protected Screen Screen { get; } = screen;

    protected abstract string Name { get; }

    protected abstract string Description { get; }

    protected virtual IReadOnlyList<Setting> Settings => [];

    /// <summary>In words, what keeps finished work, to be named after a stop; <see langword="null"/> if nothing is kept.</summary>
    protected string? Kept { get; set; }

    /// <summary>What is said after a stop.</summary>
    protected virtual string Stopped => Screen.DescribeStop(Kept);

    public Command Create()
    {
        var command = new Command(Name, Description);
        AddArguments(command);
        var options = new SettingOptions(command, Settings);
        if (Settings.Count > 0)
        {
            command.Add(common.Options);
            command.Add(common.Set);
        }
        command.SetAction((parsed, cancellationToken) =>
        {
            common.Apply(parsed, Screen);
            return Screen.RunAsync(() => Stopped, () =>
                Task.Run(() => RunAsync(options.Resolve(parsed, common, Screen, OptionsFileOf(parsed)), parsed, cancellationToken), CancellationToken.None),
                cancellationToken);
        });
        return command;
    }

    /// <summary>Arguments and options of its own.</summary>
    protected virtual void AddArguments(Command command)
    {
    }

    /// <summary>The options file of a command line that names none.</summary>
    protected virtual string? OptionsFileOf(ParseResult parsed) => Settings.Count > 0 ? OptionsFile.Name : null;

    protected abstract Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken);
}
