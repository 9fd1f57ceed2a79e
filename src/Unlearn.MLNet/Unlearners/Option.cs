using System.Globalization;
using System.Runtime.CompilerServices;

namespace Unlearn.MLNet.Unlearners;

/// <summary>Checks the values of options where they are set: the error names the option, its range and the value.</summary>
internal static class Option
{
    public static int AtLeast(int least, int value, [CallerMemberName] string name = "") =>
        value >= least ? value : throw OutOfRange(name, Invariant($"at least {least}"), value);

    public static double Positive(double value, [CallerMemberName] string name = "") =>
        value > 0 && double.IsFinite(value) ? value : throw OutOfRange(name, "positive and finite", value);

    public static double PositiveOrInfinite(double value, [CallerMemberName] string name = "") =>
        value > 0 ? value : throw OutOfRange(name, "positive; infinity stands for no limit", value);

    public static double NotNegative(double value, [CallerMemberName] string name = "") =>
        value >= 0 && double.IsFinite(value) ? value : throw OutOfRange(name, "at least 0 and finite", value);

    public static double Share(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and <= 1 ? value : throw OutOfRange(name, "between 0 and 1", value);

    private static ArgumentOutOfRangeException OutOfRange(string name, string range, IFormattable value) =>
        new(name, value, $"{name} must be {range}, got {value.ToString(null, CultureInfo.InvariantCulture)}.");
}
