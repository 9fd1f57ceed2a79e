using Parquet;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>The values of one column in the row group where a cursor stands.</summary>
internal abstract class ColumnReader
{
    /// <summary>Reads a row group.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="field">The column's field in the reader's schema.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="nameOf">How errors name a row of the group.</param>
    public abstract Task ReadAsync(ParquetRowGroupReader group, DataField field, int rows, Func<int, string> nameOf);

    /// <summary>A getter of ML.NET.</summary>
    /// <param name="row">Row of the group where the cursor stands.</param>
    public abstract Delegate Getter(Func<int> row);
}
