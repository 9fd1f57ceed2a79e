using System.Text.RegularExpressions;

namespace Unlearn.Distributed.Parts;

/// <summary>Names of transformed parts: that of the file where it is one part, else <c>people.part-0003.parquet</c>, which sort as the rows do.</summary>
internal static partial class PartNames
{
    /// <param name="file">Name of the file.</param>
    /// <param name="number">Number of the part, from 1.</param>
    /// <param name="count">Parts of the file.</param>
    public static string Of(string file, int number, int count)
    {
        if (count == 1)
            return file;
        var digits = Math.Max(4, Invariant($"{count}").Length);
        return $"{Path.GetFileNameWithoutExtension(file)}.part-{Invariant($"{number}").PadLeft(digits, '0')}{Path.GetExtension(file)}";
    }

    /// <summary>The files whose part may have a name, for any number of parts.</summary>
    public static IReadOnlyList<string> FilesOf(string name) => Numbered().Match(name) is { Success: true } match
        ? [name, $"{match.Groups[1]}{match.Groups[2]}"]
        : [name];

    /// <exception cref="InvalidDataException">Parts of several files would have one name, or names that sort otherwise than their rows.</exception>
    public static void Check(IReadOnlyList<ParquetPart> parts)
    {
        foreach (var (one, next) in parts.Zip(parts.Skip(1)))
            if (string.CompareOrdinal(one.Name, next.Name) >= 0)
                throw new InvalidDataException($"Rows of '{one.File}' would be in '{one.Name}', which does not sort before '{next.Name}' of '{next.File}': "
                    + $"rename one of the files, or raise {nameof(ParquetTransformOptions.RowsPerPart)} so that they stay whole.");
    }

    [GeneratedRegex(@"^(.+)\.part-[0-9]{4,}(\.[^.]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();
}
