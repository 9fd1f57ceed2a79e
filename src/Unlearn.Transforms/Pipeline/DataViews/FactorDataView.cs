using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>The rows of a source with the hardness factors added, computed lazily.</summary>
internal sealed class FactorDataView(IHost host, IDataView source, FactorBindings bindings) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => bindings.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        return Wrap(source.GetRowCursor(bindings.Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        return [.. source.GetRowCursorSet(bindings.Dependencies(active), n, rand).Select(cursor => Wrap(cursor, active))];
    }

    private FactorCursor Wrap(DataViewRowCursor cursor, IReadOnlyList<DataViewSchema.Column> active)
    {
        try
        {
            return new(host, bindings, cursor, active, FindId);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    // Only errors ask: nobody else pays for a column that no factor needs.
    private string? FindId(DataViewRowId row)
    {
        if (bindings.Inputs.RowId is not { } column)
            return null;
        using var cursor = source.GetRowCursor([column]);
        var (rows, id) = (cursor.GetIdGetter(), RowReader.RowIdGetter(cursor, column));
        var current = default(DataViewRowId);
        while (cursor.MoveNext())
        {
            rows(ref current);
            if (current.Equals(row))
                return id();
        }
        return null;
    }
}
