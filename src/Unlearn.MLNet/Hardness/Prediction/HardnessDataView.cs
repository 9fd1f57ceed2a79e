using Microsoft.ML;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>The rows of a source with the columns that a hardness model adds, computed lazily.</summary>
internal sealed class HardnessDataView(IDataView source, HardnessBindings bindings, Action atRow) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => bindings.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        return new HardnessCursor(bindings, source.GetRowCursor(bindings.GetDependencies(active), rand), active, atRow);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        return [.. source.GetRowCursorSet(bindings.GetDependencies(active), n, rand).Select(cursor => new HardnessCursor(bindings, cursor, active, atRow))];
    }
}
