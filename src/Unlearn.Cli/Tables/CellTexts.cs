using System.Globalization;
using System.Text.RegularExpressions;

namespace Unlearn.Cli.Tables;

/// <summary>What single cells mean.</summary>
internal static partial class CellTexts
{
    /// <summary>Texts that stand for a missing value, beside the empty one.</summary>
    public static readonly string[] MissingMarkers = ["?", "NA", "N/A", "#N/A", "NaN", "null", "NULL", "None", "nan"];

    public static bool IsMissing(string? cell, IReadOnlyCollection<string> markers) => string.IsNullOrWhiteSpace(cell) || markers.Contains(cell.Trim());

    /// <summary>A finite number with a decimal point; <see langword="null"/> if it is none.</summary>
    public static double? Number(string cell) =>
        double.TryParse(cell.AsSpan().Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite((float)number)
            ? number
            : null;

    /// <summary>A number with a decimal comma, with or without points between thousands.</summary>
    public static double? DecimalComma(string cell)
    {
        var text = cell.Trim();
        if (!Comma().IsMatch(text))
            return null;
        return Number(text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.'));
    }

    /// <summary>A code rather than a number: leading zeros, as of postal codes.</summary>
    public static bool IsCode(string cell) => Code().IsMatch(cell.Trim());

    [GeneratedRegex(@"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?([eE][+-]?\d+)?$")]
    private static partial Regex Comma();

    [GeneratedRegex(@"^0\d+$")]
    private static partial Regex Code();
}
