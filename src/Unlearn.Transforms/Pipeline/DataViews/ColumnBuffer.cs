using Microsoft.ML;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>The values of one column for the rows that a cursor has read ahead.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Creates the buffer of a column of a cursor.</summary>
    public static ColumnBuffer Create(DataViewRowCursor cursor, DataViewSchema.Column column, int capacity) =>
        (ColumnBuffer)Activator.CreateInstance(typeof(ColumnBuffer<>).MakeGenericType(column.Type.RawType), cursor, column, capacity)!;

    /// <summary>Keeps the value of the cursor's current row.</summary>
    public abstract void Store(int row);

    /// <summary>A getter of the value of a kept row.</summary>
    public abstract Delegate Getter(Func<int> row);
}

/// <inheritdoc/>
internal sealed class ColumnBuffer<T>(DataViewRowCursor cursor, DataViewSchema.Column column, int capacity) : ColumnBuffer
{
    private readonly T[] _values = new T[capacity];
    private readonly ValueGetter<T> _getter = cursor.GetGetter<T>(column);

    public override void Store(int row)
    {
        // A fresh slot: a source may dispose what it finds in the old one, such as an image that has been handed out.
        T value = default!;
        _getter(ref value);
        _values[row] = value;
    }

    public override Delegate Getter(Func<int> row) => (ValueGetter<T>)((ref T value) => BufferCopy<T>.Copy(in _values[row()], ref value));
}
