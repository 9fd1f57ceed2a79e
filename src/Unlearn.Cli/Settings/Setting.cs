using System.Globalization;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Settings;

/// <summary>Something that a user can set: by an option on the command line, by a property of the options file, or by <c>--set</c>.</summary>
/// <param name="Name">Its name as an option, without dashes: <c>test-rows</c>.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Description">What it means and what it is by default, for the help.</param>
internal sealed record Setting(string Name, SettingKind Kind, string Description)
{
    /// <summary>What stands for a value in the help.</summary>
    public string ValueName { get; init; } = "TEXT";

    /// <summary>The least number that there may be.</summary>
    public double? Least { get; init; }

    /// <summary>The greatest one.</summary>
    public double? Most { get; init; }

    /// <summary>The only values that there are; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Endings of files that may stand for a choice; empty for none.</summary>
    public IReadOnlyList<string> FileEndings { get; init; } = [];

    /// <summary>Its name in the options file: <c>testRows</c>.</summary>
    public string Key { get; } = string.Concat(Name.Split('-').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>Checks a value.</summary>
    /// <exception cref="UsageException">It is none of this setting's.</exception>
    public void Check(string value, string where)
    {
        if (Kind is SettingKind.Integer or SettingKind.Number)
        {
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                || !double.IsFinite(number)
                || Kind == SettingKind.Integer && (number != Math.Floor(number) || Math.Abs(number) > int.MaxValue))
                throw new UsageException($"{where} must be {(Kind == SettingKind.Integer ? "a whole number" : "a number, with a point")}, not '{value}'.");
            if (number < Least || number > Most)
                throw new UsageException($"{where} must be {DescribeRange()}, not {value}.");
        }
        if (Kind == SettingKind.Flag && value is not ("true" or "false"))
            throw new UsageException($"{where} must be true or false, not '{value}'.");
        if (Choices.Count > 0
            && !FileEndings.Any(ending => value.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            && !Choices.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            var files = FileEndings.Count > 0 ? $" or a {string.Join(" or ", FileEndings)} file" : "";
            throw new UsageException($"{where} must be one of {string.Join(", ", Choices)}{files}, not '{value}'.");
        }
        if (value.Length == 0)
            throw new UsageException($"{where} is empty: give a value, or leave it out.");
    }

    private string DescribeRange() => (Least, Most) switch
    {
        ({ } least, { } most) => Invariant($"between {least} and {most}"),
        ({ } least, _) => Invariant($"at least {least}"),
        _ => Invariant($"at most {Most}"),
    };
}
