using System.Globalization;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms.Rows;

namespace Unlearn.Cli.Tables;

/// <summary>Understands a table: finds the label, tells numbers from categories and texts, counts what is missing.</summary>
internal static class TableReader
{
    private const int MostClasses = 1000;
    private const int FewestRowsOfClass = 5;
    private const int NamedClasses = 5;
    private const int FewValues = 50;
    private const int FewestRowsThatTell = 50;
    private const double MostMistakes = 0.02;
    private static readonly string[] LabelNames = ["label", "class", "target", "y"];
    private static readonly string[] IdNames = ["id", "rowid", "row_id"];

    /// <summary>Understands a table.</summary>
    /// <exception cref="InvalidDataException">A column is not there, or the label or the ids do not serve.</exception>
    public static UnderstoodTable Understand(string path, RawTable raw, TableOptions options)
    {
        string[] markers = [.. CellTexts.MissingMarkers, .. options.Missing];
        var chosen = options.Kinds.ToDictionary(kind => Find(kind.Key), kind => kind.Value, StringComparer.Ordinal);
        var label = options.Label is null ? FindLabel() : Find(options.Label);
        var id = options.Id is null ? raw.Names.FirstOrDefault(name => name != label
            && !chosen.ContainsKey(name)
            && IdNames.Contains(name.ToLowerInvariant())
            && RepeatedId(Place(name)) is null) : Find(options.Id);
        var split = options.Split is null ? null : Find(options.Split);
        if (options.Id is not null && RepeatedId(Place(id!)) is { } repeated)
            throw new InvalidDataException(repeated.Length == 0
                ? $"The id column '{id}' of '{path}' has empty cells: every row needs an id, or leave --id out to number the rows."
                : $"The id '{repeated}' is in '{path}' twice: ids must not repeat. Name another column by --id, or leave it out to number the rows.");
        var columns = raw.Names.Select(Column).ToList();

        var labelPlace = Place(label);
        int[] rows = [.. Enumerable.Range(0, raw.Rows.Count).Where(row => !CellTexts.IsMissing(raw.Rows[row][labelPlace], markers))];
        var classes = rows.Select(row => raw.Rows[row][labelPlace]!.Trim()).Distinct(StringComparer.Ordinal).ToList();
        CheckClasses(path, label, classes, rows.Length);
        List<string> notes = [.. raw.Notes];
        if (rows.Length < raw.Rows.Count)
            notes.Add($"{raw.Rows.Count - rows.Length} rows have no label: left out.");
        if (options.Label is null)
            notes.Add($"The label is '{label}', by its name: --label names another.");
        if (id is null)
            notes.Add("Row ids are the rows' numbers in the file, from 1: --id names a column.");
        columns = [.. columns.Select(column => column.Kind is ColumnKind.Number or ColumnKind.Category && TellsLabel(raw, rows, column.Place, labelPlace)
            ? column with { Note = string.Join("; ", new[] { column.Note, "tells the label by itself: ignore it?" }.Where(note => note.Length > 0)) }
            : column)];
        return new() { Path = path, Raw = raw, Columns = columns, MissingMarkers = markers, Rows = rows, Classes = Sorted(classes), Notes = notes };

        UnderstoodColumn Column(string name, int place)
        {
            var reader = new ColumnReader(raw, name, place, markers);
            if (name == label || name == id || name == split)
                return reader.Read(name == label ? ColumnKind.Label : name == id ? ColumnKind.Id : ColumnKind.Split);
            if (chosen.TryGetValue(name, out var kind))
                return reader.Read(kind);
            return IdNames.Contains(name.ToLowerInvariant())
                ? reader.Read(ColumnKind.Ignored) with { Note = "named as an id: --id or --column says otherwise" }
                : reader.Read(null);
        }

        int Place(string name) => raw.Names.Index().First(of => of.Item == name).Index;

        string Find(string name) => raw.Names.FirstOrDefault(candidate => candidate == name)
            ?? raw.Names.FirstOrDefault(candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidDataException($"'{path}' has no column '{name}'. Near it are {NearestNames.Of(name, raw.Names)}.");

        string FindLabel() => LabelNames.Select(name => raw.Names.FirstOrDefault(candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(name => name is not null)
            ?? throw new InvalidDataException($"Which column of '{path}' has the classes? Name it by --label. "
                + $"The columns are {string.Join(", ", raw.Names.Take(20).Select(name => $"'{name}'"))}{(raw.Names.Count > 20 ? " and others" : "")}.");

        // The first id that is there twice; empty where one is missing.
        string? RepeatedId(int place)
        {
            HashSet<string> seen = new(StringComparer.Ordinal);
            return raw.Rows.Select(row => row[place]?.Trim() ?? "").FirstOrDefault(text => text.Length == 0 || !seen.Add(text));
        }
    }

    // A few values that leave nearly no mistake about the class: most likely the label in other words.
    private static bool TellsLabel(RawTable raw, int[] rows, int place, int labelPlace)
    {
        Dictionary<string, Dictionary<string, int>> counts = new(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var value = raw.Rows[row][place]?.Trim() ?? "";
            if (!counts.TryGetValue(value, out var ofValue))
            {
                if (counts.Count == FewValues)
                    return false;
                counts[value] = ofValue = new(StringComparer.Ordinal);
            }
            var label = raw.Rows[row][labelPlace]!.Trim();
            ofValue[label] = ofValue.GetValueOrDefault(label) + 1;
        }
        var mistakes = rows.Length - counts.Values.Sum(ofValue => ofValue.Values.Max());
        var mistakesWithoutIt = rows.Length - rows.CountBy(row => raw.Rows[row][labelPlace]!.Trim()).Max(of => of.Value);
        return rows.Length >= FewestRowsThatTell && mistakes <= MostMistakes * mistakesWithoutIt;
    }

    private static void CheckClasses(string path, string label, List<string> classes, int rows)
    {
        if (classes.Count < 2)
            throw new InvalidDataException(classes.Count == 0
                ? $"The label '{label}' of '{path}' is empty in every row: name another column by --label."
                : $"The label '{label}' of '{path}' has one class, '{classes[0]}': a classifier needs two. Name another column by --label.");
        if (classes.Count > MostClasses || classes.Count * FewestRowsOfClass > rows && classes.Count > NamedClasses)
            throw new InvalidDataException($"The label '{label}' of '{path}' has {classes.Count} values in {rows} rows: "
                + $"classes need {FewestRowsOfClass} rows each on average, and {MostClasses} are the most. Name a column of classes by --label.");
    }

    private static List<string> Sorted(List<string> classes) => classes.TrueForAll(name => CellTexts.Number(name) is not null)
        ? [.. classes.OrderBy(name => double.Parse(name, CultureInfo.InvariantCulture)).ThenBy(name => name, StringComparer.Ordinal)]
        : [.. classes.Order(StringComparer.Ordinal)];
}
