using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Parquet;

/// <summary>Parquet files as a data view.</summary>
internal sealed class ParquetDataView : IDataView
{
    private readonly ParquetFiles _files;

    public ParquetDataView(ParquetFiles files)
    {
        _files = files;
        var builder = new DataViewSchema.Builder();
        foreach (var column in files.Columns)
            builder.AddColumn(column.Name, column.Type);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _files.Groups.Sum(group => (long)group.Rows);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new ParquetCursor(_files, Schema, [.. columnsNeeded.Select(column => column.Index)], first: 0, step: 1);

    /// <summary>
    /// At most <paramref name="n"/> cursors, each over every n-th row group. The number of the group is the batch, by which ML.NET orders rows.
    /// </summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(column => column.Index)];
        var cursors = Math.Clamp(n, 1, Math.Max(1, _files.Groups.Count));
        return [.. Enumerable.Range(0, cursors).Select(first => new ParquetCursor(_files, Schema, active, first, cursors))];
    }
}
