using System.CommandLine;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Settings;

/// <summary>Options of every command.</summary>
internal sealed class CommonOptions
{
    public Option<bool> Json { get; } = new("--json") { Description = "The result as one JSON document; progress goes to the error stream.", Recursive = true };

    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Results alone: no progress, no explanations.", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose") { Description = "Errors with their stack traces.", Recursive = true };

    public Option<string?> Options { get; } = new("--options")
    {
        Description = $"Options file. Default: {OptionsFile.Name} in the current folder, or in FOLDER, if there is one. The command line wins.",
        HelpName = "FILE",
    };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Sets what the options file could set: --set testRows=500. May be repeated.",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Sets what a screen shows.</summary>
    public void Apply(ParseResult parsed, Screen screen) =>
        (screen.IsJson, screen.IsQuiet, screen.IsVerbose) = (parsed.GetValue(Json), parsed.GetValue(Quiet), parsed.GetValue(Verbose));
}
