using Microsoft.ML;

namespace Unlearn.Transforms.Rows;

/// <summary>
/// Brings classes of one order into another by their names, which are the values of label keys as invariant text. Two fits of <c>MapValueToKey</c>
/// number the same classes differently when they meet them in another order.
/// </summary>
internal static class ClassOrder
{
    /// <summary>Stands for a class that the other order lacks.</summary>
    public const int Unknown = -1;

    /// <summary>
    /// The classes of a label column in their order: the values of a key or of a <see cref="bool"/>. <see langword="null"/> if a key has no values to
    /// tell its classes apart.
    /// </summary>
    public static IReadOnlyList<string>? NamesOf(DataViewSchema.Column label) => ClassNames.Of(label);

    /// <summary>
    /// For each class of one order its number in the other; <see langword="null"/> where the numbers stay as they are, since the names agree or are
    /// not known.
    /// </summary>
    public static int[]? Map(IReadOnlyList<string>? from, IReadOnlyList<string>? to)
    {
        if (from is null || to is null || AreSame(from, to))
            return null;
        var numbers = to.Select((name, number) => KeyValuePair.Create(name, number)).ToDictionary(StringComparer.Ordinal);
        return [.. from.Select(name => numbers.TryGetValue(name, out var number) ? number : Unknown)];
    }

    /// <summary>Names that stand for classes; <see langword="null"/> where they do not, since their number differs or two are the same.</summary>
    public static IReadOnlyList<string>? Usable(IReadOnlyList<string>? names, int classCount) =>
        names?.Count == classCount && names.Distinct(StringComparer.Ordinal).Count() == classCount ? names : null;

    /// <summary>Checks names that somebody gave to the classes of a target.</summary>
    /// <exception cref="ArgumentException">The number of names differs from the number of classes, or two names are the same.</exception>
    public static IReadOnlyList<string>? Check(IReadOnlyList<string>? names, int classCount, string parameterName) =>
        names is null || Usable(names, classCount) is not null
            ? names
            : throw new ArgumentException($"The class names are {Show(names)}, but the target has {classCount} classes: give each class, in order, "
                + "a name of its own, or give no names.", parameterName);

    /// <summary>Checks that rows number their classes as a target does that goes on training on them.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static void CheckSame(IReadOnlyList<string>? targetNames, TrainingRows rows, string parameterName)
    {
        if (Map(rows.ClassNames, targetNames) is not null)
            throw new ArgumentException($"The classes of the rows are {Show(rows.ClassNames!)}, but those of the target are {Show(targetNames!)}: "
                + "map the labels with the MapValueToKey transformer that the target's rows were mapped with.", parameterName);
    }

    /// <summary>Names for messages: the first ones, where there are many.</summary>
    public static string Show(IReadOnlyList<string> names)
    {
        const int Most = 20;
        return $"[{string.Join(", ", names.Take(Most).Select(name => $"'{name}'"))}{(names.Count > Most ? $" and {names.Count - Most} more" : "")}]";
    }

    private static bool AreSame(IReadOnlyList<string> from, IReadOnlyList<string> to) =>
        ReferenceEquals(from, to) || from.SequenceEqual(to, StringComparer.Ordinal);
}
