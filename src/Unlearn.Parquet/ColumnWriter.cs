using Microsoft.ML;
using Parquet;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>Gathers the values of one column, and writes them row group by row group.</summary>
/// <param name="field">The column's field.</param>
internal abstract class ColumnWriter(Field field)
{
    public Field Field { get; } = field;

    /// <summary>Reads from a cursor from now on.</summary>
    public abstract void Attach(DataViewRow row, DataViewSchema.Column column);

    /// <summary>Takes the value of the cursor's row.</summary>
    public abstract void Add();

    /// <summary>Writes what was gathered as the next column of a row group.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group);
}
