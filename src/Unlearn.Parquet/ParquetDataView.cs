using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Parquet;

/// <summary>A Parquet file as a data view.</summary>
internal sealed class ParquetDataView : IDataView
{
    private readonly ParquetSource _source;

    public ParquetDataView(ParquetSource source)
    {
        _source = source;
        var builder = new DataViewSchema.Builder();
        foreach (var column in source.Columns)
            builder.AddColumn(column.Name, column.Type);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _source.GroupRows.Sum(rows => (long)rows);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new ParquetCursor(_source, Schema, [.. columnsNeeded.Select(column => column.Index)], first: 0, step: 1);

    /// <summary>
    /// At most <paramref name="n"/> cursors, each over every n-th row group. The number of the group is the batch, by which ML.NET orders rows.
    /// </summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(column => column.Index)];
        var cursors = Math.Clamp(n, 1, Math.Max(1, _source.GroupRows.Count));
        return [.. Enumerable.Range(0, cursors).Select(first => new ParquetCursor(_source, Schema, active, first, cursors))];
    }
}
