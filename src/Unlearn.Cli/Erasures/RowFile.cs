using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Cli.Tables;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet.Triage;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.Cli.Erasures;

/// <summary>
/// Rows as a model takes them, in a file of ML.NET's own format, with the cells that they came from. Features depend on all rows of a table, so a table that
/// rows were deleted from cannot give them again.
/// </summary>
internal static class RowFile
{
    private const string RowId = "RowId";
    private const string Features = "Features";
    private const string Label = "Label";

    // Keeps a table's own columns apart from the model's.
    private const string Source = "source.";

    private sealed class IdOfRow
    {
        public string RowId { get; set; } = "";
    }

    /// <summary>Writes rows.</summary>
    /// <param name="context">The ML context.</param>
    /// <param name="path">The file.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="classNames">Names of the classes, in order.</param>
    /// <param name="table">The table that they came from; <see langword="null"/> if they came from none.</param>
    public static void Write(MLContext context, string path, TrainingRows rows, IReadOnlyList<string> classNames, UnderstoodTable? table)
    {
        var view = new ColumnDataView(rows.Count);
        view.Add(RowId, [.. rows.Ids.Select(id => id.AsMemory())], TextDataViewType.Instance);
        view.AddVectors(Features, rows.FeatureCount, (row, vector) => rows.FeaturesAt(row).CopyTo(vector));
        var names = new DataViewSchema.Annotations.Builder();
        names.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, classNames.Count), (ref VBuffer<ReadOnlyMemory<char>> values) =>
            values = new(classNames.Count, [.. classNames.Select(name => name.AsMemory())]));
        view.Add(Label, [.. Enumerable.Range(0, rows.Count).Select(row => (uint)rows.LabelAt(row) + 1)],
            new KeyDataViewType(typeof(uint), rows.ClassCount), names.ToAnnotations());
        if (table is not null)
        {
            var places = table.Rows.ToDictionary(table.IdOf, StringComparer.Ordinal);
            foreach (var (column, name) in table.Raw.Names.Index())
                view.Add(Source + name, [.. rows.Ids.Select(id => (table.Raw.Rows[places[id]][column]?.Trim() ?? "").AsMemory())], TextDataViewType.Instance);
        }
        Files.Write(path, stream => context.Data.SaveAsBinary(view, stream));
    }

    /// <summary>Reads rows, with the columns <c>RowId</c>, <c>Features</c> and <c>Label</c>.</summary>
    public static IDataView Read(MLContext context, string path) => context.Data.LoadFromBinary(path);

    /// <summary>Ids of the rows with a value in a column of the table, or of the class with a name where the column is <c>label</c>.</summary>
    /// <exception cref="ArgumentException">There is no such column, or no row has the value.</exception>
    public static IReadOnlyList<string> Where(IDataView rows, string column, string value)
    {
        var found = rows.Schema.GetColumnOrNull(Source + column)?.Name ?? (column.Equals(Label, StringComparison.OrdinalIgnoreCase) ? Label : null);
        if (found is null)
        {
            var names = rows.Schema.Where(own => own.Name.StartsWith(Source, StringComparison.Ordinal)).Select(own => own.Name[Source.Length..]);
            throw new ArgumentException(
                $"The rows have no column '{column}'. Near it are {NearestNames.Of(column, [.. names, "label"])}; 'label' is the class.");
        }
        var ids = RowSelection.Where(rows, RowId, found, value.Trim());
        return ids.Count > 0
            ? ids
            : throw new ArgumentException($"No row that is left has '{value}' in column '{column}': write the value as it is in the data.");
    }

    /// <summary>Rewrites a file without the rows that are not kept, if there are any.</summary>
    /// <param name="context">The ML context.</param>
    /// <param name="path">The file.</param>
    /// <param name="kept">Ids of the rows to keep.</param>
    public static void KeepOnly(MLContext context, string path, IReadOnlySet<string> kept)
    {
        var rows = Read(context, path);
        if (rows.GetColumn<string>(RowId).All(kept.Contains))
            return;
        var left = context.Data.FilterByCustomPredicate<IdOfRow>(rows, row => !kept.Contains(row.RowId));
        Files.Write(path, stream => context.Data.SaveAsBinary(left, stream));
    }
}
