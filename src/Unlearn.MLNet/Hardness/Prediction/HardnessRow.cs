using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>One row with the columns that a hardness model adds.</summary>
internal sealed class HardnessRow(HardnessBindings bindings, DataViewRow source, IEnumerable<DataViewSchema.Column> activeColumns) : DataViewRow
{
    private readonly HardnessColumns _columns = new(bindings, source, activeColumns);

    public override DataViewSchema Schema => bindings.OutputSchema;

    public override long Position => source.Position;

    public override long Batch => source.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

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
