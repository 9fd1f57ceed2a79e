using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Rows;

/// <summary>The names that columns give to classes, in their order.</summary>
internal static class ClassNames
{
    private const string KeyValues = "KeyValues";
    private const string SlotNames = "SlotNames";
    private const string TrainingLabelValues = "TrainingLabelValues";

    private static readonly string[] OfBoolean = [bool.FalseString, bool.TrueString];

    /// <summary>
    /// The classes of a label column in their order: the values of a key or of a <see cref="bool"/>. <see langword="null"/> if a key has no values to
    /// tell its classes apart.
    /// </summary>
    public static IReadOnlyList<string>? Of(DataViewSchema.Column label) => label.Type switch
    {
        BooleanDataViewType => OfBoolean,
        KeyDataViewType key when OfLabel(label) is { } names && names.Length == (int)Math.Min(key.Count, int.MaxValue) =>
            ClassOrder.Usable(names, names.Length),
        _ => null,
    };

    /// <summary>Values of a key column; <see langword="null"/> where it has none.</summary>
    public static string[]? OfLabel(DataViewSchema.Column label) => Read(label, KeyValues);

    /// <summary>Labels that the slots of a score column stand for; <see langword="null"/> where it does not say.</summary>
    public static string[]? OfScore(DataViewSchema.Column score) => Read(score, TrainingLabelValues) ?? Read(score, SlotNames);

    private static string[]? Read(DataViewSchema.Column column, string kind) =>
        column.Annotations.Schema.GetColumnOrNull(kind)?.Type is VectorDataViewType { ItemType.RawType: var item }
            ? item switch
            {
                _ when item == typeof(ReadOnlyMemory<char>) => Read<ReadOnlyMemory<char>>(column, kind),
                _ when item == typeof(bool) => Read<bool>(column, kind),
                _ when item == typeof(sbyte) => Read<sbyte>(column, kind),
                _ when item == typeof(byte) => Read<byte>(column, kind),
                _ when item == typeof(short) => Read<short>(column, kind),
                _ when item == typeof(ushort) => Read<ushort>(column, kind),
                _ when item == typeof(int) => Read<int>(column, kind),
                _ when item == typeof(uint) => Read<uint>(column, kind),
                _ when item == typeof(long) => Read<long>(column, kind),
                _ when item == typeof(ulong) => Read<ulong>(column, kind),
                _ when item == typeof(float) => Read<float>(column, kind),
                _ when item == typeof(double) => Read<double>(column, kind),
                _ when item == typeof(DateTime) => Read<DateTime>(column, kind),
                _ when item == typeof(DateTimeOffset) => Read<DateTimeOffset>(column, kind),
                _ when item == typeof(TimeSpan) => Read<TimeSpan>(column, kind),
                _ => null,
            }
            : null;

    private static string[] Read<T>(DataViewSchema.Column column, string kind)
    {
        var values = default(VBuffer<T>);
        column.Annotations.GetValue(kind, ref values);
        return [.. values.DenseValues().Select(value => value is DateTime or DateTimeOffset
            ? ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture)
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")];
    }
}
