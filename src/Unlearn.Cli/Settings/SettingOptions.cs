using System.CommandLine;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Settings;

/// <summary>Settings as options of a command.</summary>
internal sealed class SettingOptions
{
    private readonly List<(Setting Setting, Option<string?> Option)> _options = [];
    private readonly List<(Setting Setting, Option<string[]> Option)> _lists = [];
    private readonly List<(Setting Setting, Option<bool> Option)> _flags = [];
    private readonly Argument<string?>? _data;

    /// <summary>Adds options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="settings">Its settings; the data are its argument.</param>
    public SettingOptions(Command command, IEnumerable<Setting> settings)
    {
        foreach (var setting in settings)
        {
            if (setting == KnownSettings.Data)
                command.Add(_data = new Argument<string?>("DATA") { Description = setting.Description, Arity = ArgumentArity.ZeroOrOne });
            else if (setting.Kind == SettingKind.Flag)
            {
                var flag = new Option<bool>($"--{setting.Name}") { Description = setting.Description };
                _flags.Add((setting, flag));
                command.Add(flag);
            }
            else if (setting.Kind == SettingKind.List)
            {
                var list = new Option<string[]>($"--{setting.Name}")
                {
                    Description = setting.Description,
                    HelpName = setting.ValueName,
                    Arity = ArgumentArity.OneOrMore,
                };
                _lists.Add((setting, list));
                command.Add(list);
            }
            else
            {
                var option = new Option<string?>($"--{setting.Name}") { Description = setting.Description, HelpName = setting.ValueName };
                if (setting.Choices.Count > 0)
                    option.CompletionSources.Add([.. setting.Choices]);
                _options.Add((setting, option));
                command.Add(option);
            }
        }
    }

    /// <summary>What is set: by the options file, by <c>--set</c>, by options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="common">The options of every command.</param>
    /// <param name="screen">Where it is said which options file is read.</param>
    /// <param name="defaultFile">The options file of a command line that names none; it need not be there.</param>
    /// <exception cref="UsageException">Something cannot be set, or not so.</exception>
    public SettingValues Resolve(ParseResult parsed, CommonOptions common, Screen screen, string? defaultFile)
    {
        var values = new SettingValues();
        var file = parsed.GetValue(common.Options) ?? (File.Exists(defaultFile) ? defaultFile : null);
        if (file is not null)
        {
            OptionsFile.Read(file, values);
            screen.Say($"Options of '{file}'.");
        }
        foreach (var pair in parsed.GetValue(common.Set) ?? [])
        {
            if (pair.IndexOf('=', StringComparison.Ordinal) is var place && place <= 0)
                throw new UsageException($"--set takes key=value, not '{pair}'.");
            var setting = OptionsFile.Find(pair[..place], "--set");
            values.Set(setting, Split(setting, [pair[(place + 1)..]]), $"--set {setting.Key}");
        }
        if (_data is not null && parsed.GetValue(_data) is { } data)
            values.Set(KnownSettings.Data, [data], "DATA");
        foreach (var (setting, option) in _options)
            if (parsed.GetResult(option) is { Implicit: false })
                values.Set(setting, [parsed.GetValue(option)!], $"--{setting.Name}");
        foreach (var (setting, list) in _lists)
            if (parsed.GetResult(list) is { Implicit: false })
                values.Set(setting, Split(setting, parsed.GetValue(list)!), $"--{setting.Name}");
        foreach (var (setting, flag) in _flags)
            if (parsed.GetResult(flag) is { Implicit: false })
                values.Set(setting, [parsed.GetValue(flag) ? "true" : "false"], $"--{setting.Name}");
        return values;
    }

    // Names of columns and markers of missing values may hold commas: they are repeated instead.
    private static string[] Split(Setting setting, string[] values) =>
        KnownSettings.Separated.Contains(setting)
            ? [.. values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).DefaultIfEmpty("")]
            : values;
}
