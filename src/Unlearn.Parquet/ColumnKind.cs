using Microsoft.ML.Data;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>A type of values that both ML.NET and Parquet have.</summary>
/// <param name="Type">ML.NET's type.</param>
/// <param name="Reader">Makes a reader of a column.</param>
/// <param name="Writer">Makes a writer of a column: name, values of a row where it is a vector, rows of a group.</param>
internal sealed record ColumnKind(PrimitiveDataViewType Type, Func<ParquetColumn, ColumnReader> Reader, Func<string, int?, int, ColumnWriter> Writer)
{
    private static readonly Dictionary<Type, ColumnKind> All = new ColumnKind[]
    {
        Of<float>(NumberDataViewType.Single, missing: float.NaN), Of<double>(NumberDataViewType.Double, missing: double.NaN),
        Of<bool>(BooleanDataViewType.Instance),
        Of<sbyte>(NumberDataViewType.SByte), Of<byte>(NumberDataViewType.Byte), Of<short>(NumberDataViewType.Int16), Of<ushort>(NumberDataViewType.UInt16),
        Of<int>(NumberDataViewType.Int32), Of<uint>(NumberDataViewType.UInt32), Of<long>(NumberDataViewType.Int64), Of<ulong>(NumberDataViewType.UInt64),
        Of<ReadOnlyMemory<char>>(TextDataViewType.Instance, missing: ReadOnlyMemory<char>.Empty),
    }.ToDictionary(kind => kind.Type.RawType);

    /// <summary>The kind of a type of .NET; <see langword="null"/> where ML.NET or Parquet lacks it.</summary>
    public static ColumnKind? Of(Type type) => All.GetValueOrDefault(type);

    private static ColumnKind Of<T>(PrimitiveDataViewType type, T? missing = null)
        where T : struct
    {
        var stored = typeof(T) == typeof(ReadOnlyMemory<char>) ? typeof(string) : typeof(T);
        return new(type, column => new ValuesReader<T>(column, missing), (name, size, rows) =>
        {
            var field = new DataField(name, stored, isNullable: false);
            return size is { } width
                ? new ValuesWriter<T>(new ListField(name, new DataField("element", stored, isNullable: false)), width, isVector: true, rows)
                : new ValuesWriter<T>(field, 1, isVector: false, rows);
        });
    }
}
