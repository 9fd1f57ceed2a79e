using System.Globalization;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Settings;

/// <summary>What a user has set: the options file first, then <c>--set</c>, then options; the later one counts.</summary>
internal sealed class SettingValues
{
    private readonly Dictionary<string, IReadOnlyList<string>> _values = new(StringComparer.Ordinal);

    /// <summary>Sets a value, and forgets the one before.</summary>
    /// <param name="setting">What is set.</param>
    /// <param name="values">The values: one, but of lists.</param>
    /// <param name="where">Where it was set, for errors.</param>
    /// <exception cref="UsageException">A value is none of the setting's.</exception>
    public void Set(Setting setting, IReadOnlyList<string> values, string where)
    {
        foreach (var value in values)
            setting.Check(value, where);
        _values[setting.Name] = values;
    }

    public bool Has(Setting setting) => _values.ContainsKey(setting.Name);

    public string? Text(Setting setting) => _values.TryGetValue(setting.Name, out var values) ? values[0] : null;

    public int? Integer(Setting setting) => Text(setting) is { } text ? (int)double.Parse(text, CultureInfo.InvariantCulture) : null;

    public double? Number(Setting setting) => Text(setting) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    public bool Flag(Setting setting) => Text(setting) == "true";

    /// <summary>Values of a list: repeated, or separated by commas.</summary>
    public IReadOnlyList<string> List(Setting setting) => _values.TryGetValue(setting.Name, out var values) ? values : [];

    /// <summary>The size of a run.</summary>
    /// <exception cref="UsageException">Two sizes at once.</exception>
    public StudySize Size => (Flag(KnownSettings.Short), Flag(KnownSettings.Full)) switch
    {
        (true, true) => throw new UsageException("--short and --full exclude each other."),
        (true, _) => StudySize.Small,
        (_, true) => StudySize.Full,
        _ => StudySize.Usual,
    };

    /// <summary>All that is set, by keys of the options file.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ByKey =>
        KnownSettings.All.Where(Has).ToDictionary(setting => setting.Key, List, StringComparer.Ordinal);
}
