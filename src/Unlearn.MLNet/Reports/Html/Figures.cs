using System.Globalization;

namespace Unlearn.MLNet.Reports.Html;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    /// <summary>What stands for an undefined number; the report's notes explain it.</summary>
    public const string Undefined = "–";

    private const char NoBreakSpace = '\u00a0';

    /// <summary>A number in a .NET format, with a true minus sign and a unit that stays on its line.</summary>
    public static string Format(double value, string format) =>
        double.IsNaN(value) ? Undefined : value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−').Replace(' ', NoBreakSpace);

    /// <summary>A share as a percentage without decimals.</summary>
    public static string Percent(double share) => Format(share, "0 %");

    /// <summary>A count with separated thousands.</summary>
    public static string Count(long count) => Format(count, "N0");

    /// <summary>A duration in the unit that suits it.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 0.0995 => Format(seconds * 1000, "0 ms"),
        < 119.5 => Format(seconds, seconds < 9.95 ? "0.0 s" : "0 s"),
        < 7170 => Format(seconds / 60, seconds < 597 ? "0.0 min" : "0 min"),
        _ => Format(seconds / 3600, "0.0 h"),
    };

    /// <summary>The least and greatest of some figures, or the one that all share.</summary>
    public static string Span(IEnumerable<double> values, string format)
    {
        double[] defined = [.. values.Where(v => !double.IsNaN(v))];
        if (defined.Length == 0)
            return Undefined;

        var (low, high) = (Format(defined.Min(), format), Format(defined.Max(), format));
        return low == high ? low : $"{low.Replace($"{NoBreakSpace}%", string.Empty, StringComparison.Ordinal)} to {high}";
    }

    /// <summary>One or many of something.</summary>
    public static string Plural(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";
}
