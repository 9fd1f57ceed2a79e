using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>The rows of a cursor with the columns that a hardness model adds.</summary>
internal sealed class HardnessCursor(HardnessBindings bindings, DataViewRowCursor source, IEnumerable<DataViewSchema.Column> activeColumns, Action atRow)
    : DataViewRowCursor
{
    private readonly HardnessColumns _columns = new(bindings, source, activeColumns);

    public override DataViewSchema Schema => bindings.OutputSchema;

    public override long Position => source.Position;

    public override long Batch => source.Batch;

    public override bool MoveNext()
    {
        atRow();
        return source.MoveNext();
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        IsColumnActive(column) ? _columns.Getter<TValue>(column)
            : throw new ArgumentException($"Column '{column.Name}' is not active in this cursor.", nameof(column));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _columns.Dispose();
            source.Dispose();
        }
        base.Dispose(disposing);
    }
}
