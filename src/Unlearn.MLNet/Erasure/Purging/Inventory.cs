using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Reports;

namespace Unlearn.MLNet.Erasure.Purging;

/// <summary>Everything that was derived from the rows.</summary>
internal static class Inventory
{
    private const string OwnRowIdColumn = "RowId";

    public static IReadOnlyList<DerivedFile> Of(WorkspaceState state) =>
    [
        new() { Path = state.Folder.Labels, Remembers = "ids and outcomes of labeled rows", IsRewritten = true },
        new() { Path = state.Folder.Rows, Remembers = "keyed hashes of all rows' ids and contents", IsRewritten = true },
        .. state.Folder.AllHardness().Select(path =>
            new DerivedFile { Path = path, Remembers = "statistics of factors: neighbor index, kernel landmarks, centroids", IsRewritten = false }),
        .. Directory.GetFiles(state.Folder.Models).Where(path => path != ModelFile.Path(state.Folder.Models, state.ModelHash))
            .Select(path => new DerivedFile { Path = path, Remembers = "a model before unlearning, or one that failed its audit", IsRewritten = false }),
        .. state.Options.DerivedFiles
        .SelectMany(Files)
        .Where(path => !IsWithin(path, state.Folder.Path))
        .Select(path => RowIdColumn(path, state.Options.RowIdColumnName) >= 0
            ? new DerivedFile { Path = path, Remembers = "a row of a table for each row", IsRewritten = true }
            : new() { Path = path, Remembers = RememberedBy(path), IsRewritten = false }),
    ];

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : File.Exists(path) ? [path] : [];

    private static bool IsWithin(string path, string folder) => System.IO.Path.GetFullPath(path)
        .StartsWith(System.IO.Path.GetFullPath(folder) + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Number of the column of a CSV file that holds row ids; −1 if it has none, or if the file is no CSV file.</summary>
    public static int RowIdColumn(string path, string name)
    {
        if (!path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            return -1;
        var header = File.ReadLines(path).FirstOrDefault() is { } line ? CsvText.Read(line).First() : [];
        return Array.FindIndex(header, cell => cell == name || cell == OwnRowIdColumn);
    }

    private static string RememberedBy(string path) => System.IO.Path.GetExtension(path) switch
    {
        ".db" or ".db-wal" or ".db-shm" => "a ledger of trials: ids of rows, and what models answered on them",
        ".html" or ".svg" => "a report: pictures, ids and figures of rows",
        ".zip" => "a model with statistics of factors",
        _ => "a file that was named as derived from rows",
    };
}
