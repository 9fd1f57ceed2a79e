using Unlearn.Cli.Texts;

namespace Unlearn.Cli.Tables;

/// <summary>
/// Makes features of a table's columns, by what the training rows hold: numbers standardized, with a feature that says where one is missing; a
/// feature for each of a category's most frequent values, for others and for none; and for texts the presence of their most frequent words.
/// </summary>
internal sealed class TableEncoder
{
    private const int MostValues = 50;
    private const int MostWords = 1000;

    private readonly UnderstoodTable _table;
    private readonly List<Action<string?[], float[]>> _writers = [];

    /// <summary>Learns from the training rows what the features are.</summary>
    /// <exception cref="InvalidDataException">No column describes a row.</exception>
    public TableEncoder(UnderstoodTable table, IReadOnlyList<int> training)
    {
        _table = table;
        foreach (var column in table.Columns)
        {
            if (column.Kind == ColumnKind.Number)
                AddNumber(column, training);
            else if (column.Kind == ColumnKind.Category)
                AddCategory(column, training);
            else if (column.Kind == ColumnKind.Text)
                AddText(column, training);
        }
        if (FeatureCount == 0)
            throw new InvalidDataException(
                $"No column of '{table.Path}' beside the label describes a row: say what a column is by --column NAME=number, category or text.");
    }

    public int FeatureCount { get; private set; }

    /// <summary>The features of a row.</summary>
    public float[] Encode(string?[] row)
    {
        var features = new float[FeatureCount];
        foreach (var write in _writers)
            write(row, features);
        return features;
    }

    private void AddNumber(UnderstoodColumn column, IReadOnlyList<int> training)
    {
        var all = training.Select(row => column.Number(_table.Raw.Rows[row][column.Place], _table.MissingMarkers)).ToList();
        var known = all.OfType<double>().ToList();
        var mean = known.Count == 0 ? 0 : known.Average();
        var deviation = known.Count == 0 ? 0 : Math.Sqrt(known.Average(value => (value - mean) * (value - mean)));
        var value = deviation > 0 ? FeatureCount++ : -1;
        var missing = known.Count < all.Count && known.Count > 0 ? FeatureCount++ : -1;
        _writers.Add((row, features) =>
        {
            var number = column.Number(row[column.Place], _table.MissingMarkers);
            if (value >= 0 && number is { } found)
                features[value] = (float)((found - mean) / deviation);
            if (missing >= 0 && number is null)
                features[missing] = 1;
        });
    }

    private void AddCategory(UnderstoodColumn column, IReadOnlyList<int> training)
    {
        var counts = training.Select(row => Value(_table.Raw.Rows[row]))
            .CountBy(value => value)
            .OrderByDescending(of => of.Value)
            .ThenBy(of => of.Key, StringComparer.Ordinal)
            .ToList();
        var start = FeatureCount;
        var places = counts.Take(MostValues).Index().ToDictionary(of => of.Item.Key, of => start + of.Index, StringComparer.Ordinal);
        FeatureCount += places.Count;
        var other = counts.Count > MostValues ? FeatureCount++ : -1;
        _writers.Add((row, features) =>
        {
            if (places.TryGetValue(Value(row), out var place) || (place = other) >= 0)
                features[place] = 1;
        });

        string Value(string?[] row) => CellTexts.IsMissing(row[column.Place], _table.MissingMarkers) ? "" : row[column.Place]!.Trim();
    }

    private void AddText(UnderstoodColumn column, IReadOnlyList<int> training)
    {
        var words = Vocabulary.Of(training.Select(row => _table.Raw.Rows[row][column.Place] ?? ""), MostWords);
        var start = FeatureCount;
        FeatureCount += words.Size - Vocabulary.FirstWord;
        _writers.Add((row, features) =>
        {
            var present = words.Present(row[column.Place] ?? "");
            var weight = 1 / MathF.Sqrt(Math.Max(1, present.Count));
            foreach (var number in present)
                features[start + number - Vocabulary.FirstWord] = weight;
        });
    }
}
