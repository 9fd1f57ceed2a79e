namespace Unlearn.Parquet;

/// <summary>Files with the same columns, one after the other: a single file, or those of a folder.</summary>
internal sealed class ParquetFiles
{
    private ParquetFiles(ParquetFiles files, IReadOnlyList<ParquetRowGroup> groups) => (Files, Columns, Groups) = (files.Files, files.Columns, groups);

    private ParquetFiles(IReadOnlyList<ParquetSource> files)
    {
        Files = files;
        Columns = [.. files[0].Columns.Select((column, number) => files.Select(file => file.Columns[number]).FirstOrDefault(other => other.Size > 0, column))];
        List<ParquetRowGroup> groups = [];
        var firstOfView = 0L;
        foreach (var file in files)
        {
            var first = 0L;
            foreach (var (number, rows) in file.Layout.Rows.Index())
            {
                groups.Add(new(file, number, rows, first, firstOfView));
                first += rows;
                firstOfView += rows;
            }
        }
        Groups = groups;
    }

    /// <summary>The files, in the order of their names.</summary>
    public IReadOnlyList<ParquetSource> Files { get; }

    /// <summary>The columns that were asked for. Where their fields are differs from file to file.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>The row groups that are read: of all files, or a slice of one.</summary>
    public IReadOnlyList<ParquetRowGroup> Groups { get; }

    /// <summary>Opens a file, or the files of a folder.</summary>
    public static ParquetFiles Open(string path, string[] columns)
    {
        if (!Directory.Exists(path))
            return new([ParquetSource.Open(path, columns)]);
        List<ParquetSource> files = [.. PathsIn(path).Select(file => ParquetSource.Open(file, columns))];
        foreach (var file in files)
            CheckAlike(files[0], file);
        return new(files);
    }

    /// <summary>Opens a slice of a file.</summary>
    public static ParquetFiles Open(string path, ParquetSlice slice)
    {
        var whole = Open(path, []);
        return new(whole, [.. whole.Groups.Skip(slice.FirstGroup).Take(slice.GroupCount)]);
    }

    /// <summary>The Parquet files of a folder, in the order of their names.</summary>
    /// <exception cref="FileNotFoundException">It has none.</exception>
    public static IReadOnlyList<string> PathsIn(string folder) =>
        Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal).ToList() is { Count: > 0 } paths
            ? paths
            : throw new FileNotFoundException($"The folder '{folder}' has no file '*.parquet': name a folder of Parquet files, or one file.", folder);

    private static void CheckAlike(ParquetSource first, ParquetSource other)
    {
        var differing = first.Columns.Zip(other.Columns).FirstOrDefault(pair => !IsAlike(pair.First, pair.Second));
        if (differing.First is not null)
            throw new InvalidDataException($"Column {Describe(differing.Second)} of '{other.Path}' is {Describe(differing.First)} in '{first.Path}': "
                + "files of a folder need the same columns in the same order. Write them alike, or name the columns to load.");
        if (first.Columns.Count != other.Columns.Count)
            throw new InvalidDataException($"'{other.Path}' has {other.Columns.Count} columns, but '{first.Path}' has {first.Columns.Count}: files of a folder "
                + "need the same columns in the same order. Write them alike, or name the columns to load.");
    }

    // Lists of a file without rows have no length.
    private static bool IsAlike(ParquetColumn one, ParquetColumn other) =>
        one.Name == other.Name && one.Kind == other.Kind && one.IsVector == other.IsVector && (one.Size == other.Size || one.Size == 0 || other.Size == 0);

    private static string Describe(ParquetColumn column) => $"'{column.Name}' of {column.Type}";
}
