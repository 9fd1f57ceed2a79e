using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>A column of one type.</summary>
/// <param name="column">The column.</param>
/// <param name="missing">What stands for a missing value; <see langword="null"/> where values must be there.</param>
internal sealed class ValuesReader<T>(ParquetColumn column, T? missing) : ColumnReader
    where T : struct
{
    private T[] _values = [];

    public override async Task ReadAsync(ParquetRowGroupReader group, DataField field, int rows, Func<int, string> nameOf)
    {
        using var raw = (RawColumnData<T>)await group.ReadRawColumnDataBaseAsync(field).ConfigureAwait(false);
        var count = checked(rows * column.Size);
        if (_values.Length < count)
            _values = new T[count];
        if (column.IsVector)
            CheckLengths(raw.RepetitionLevels, rows, nameOf);
        if (field.MaxDefinitionLevel == 0)
            raw.Values[..count].CopyTo(_values);
        else
            Unpack(raw, field, count, nameOf);
    }

    public override Delegate Getter(Func<int> row)
    {
        if (!column.IsVector)
            return (ValueGetter<T>)((ref T value) => value = _values[row()]);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            var editor = VBufferEditor.Create(ref value, column.Size);
            _values.AsSpan(row() * column.Size, column.Size).CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    // A list begins where its value repeats nothing.
    private void CheckLengths(ReadOnlySpan<int> repetitionLevels, int rows, Func<int, string> nameOf)
    {
        if (repetitionLevels.Length < rows * column.Size)
            throw new InvalidDataException($"it has {repetitionLevels.Length} values in place of {rows * column.Size}");
        for (var place = 0; place < rows * column.Size; place++)
            if (repetitionLevels[place] == 0 != (place % column.Size == 0))
            {
                var row = (place - Math.Sign(repetitionLevels[place])) / column.Size;
                throw new InvalidDataException($"the list of {nameOf(row)} has not {column.Size} values as others have: write lists of one length");
            }
    }

    // Missing values take no place among the values.
    private void Unpack(RawColumnData<T> raw, DataField field, int count, Func<int, string> nameOf)
    {
        var levels = raw.DefinitionLevels;
        var values = raw.Values;
        var next = 0;
        for (var place = 0; place < count; place++)
        {
            if (levels[place] == field.MaxDefinitionLevel)
                _values[place] = values[next++];
            else if (column.IsVector && !(field.IsNullable && levels[place] == field.MaxDefinitionLevel - 1))
                throw new InvalidDataException(
                    $"the list of {nameOf(place / column.Size)} is missing or empty: write {column.Size} values, or leave the row out");
            else
                _values[place] = missing ?? throw new InvalidDataException(
                    $"{nameOf(place / column.Size)} has no value, which a column of {typeof(T).Name} cannot tell: write it as floats, or fill it");
        }
    }
}
