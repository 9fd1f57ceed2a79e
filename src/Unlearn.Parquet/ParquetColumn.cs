using Microsoft.ML.Data;

namespace Unlearn.Parquet;

/// <summary>A column of a Parquet file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Field">Number of its field among the file's data fields.</param>
/// <param name="Kind">Type of its values.</param>
/// <param name="IsVector">Whether it holds lists.</param>
/// <param name="Size">Values of a row; 0 for lists of a file without rows.</param>
internal sealed record ParquetColumn(string Name, int Field, ColumnKind Kind, bool IsVector, int Size)
{
    public DataViewType Type => !IsVector ? Kind.Type : Size > 0 ? new VectorDataViewType(Kind.Type, Size) : new VectorDataViewType(Kind.Type);
}
