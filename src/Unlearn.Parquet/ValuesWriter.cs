using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>A column of one type.</summary>
/// <param name="field">The column's field.</param>
/// <param name="size">Values of a row.</param>
/// <param name="isVector">Whether they are a list.</param>
/// <param name="rowsPerGroup">Most rows that are gathered.</param>
internal sealed class ValuesWriter<T>(Field field, int size, bool isVector, int rowsPerGroup) : ColumnWriter(field)
    where T : struct
{
    private T[] _values = [];
    private int[] _definitionLevels = [];
    private int[] _repetitionLevels = [];
    private Action<Memory<T>> _read = _ => { };
    private int _count;

    public override void Attach(DataViewRow row, DataViewSchema.Column column)
    {
        if (isVector)
        {
            var getter = row.GetGetter<VBuffer<T>>(column);
            var vector = default(VBuffer<T>);
            _read = values =>
            {
                getter(ref vector);
                if (vector.Length != size)
                    throw new InvalidOperationException(
                        $"Column '{column.Name}' has {vector.Length} values in row {row.Position}, where its type says {size}: mend what makes the column.");
                vector.CopyTo(values.Span);
            };
        }
        else
        {
            var getter = row.GetGetter<T>(column);
            _read = values => getter(ref values.Span[0]);
        }
    }

    public override void Add()
    {
        // Grows with the rows, of which there may be few.
        if (_values.Length < _count + size)
            Array.Resize(ref _values, (int)Math.Min((long)rowsPerGroup * size, Math.Max(_count + size, 2L * _values.Length)));
        _read(_values.AsMemory(_count, size));
        _count += size;
    }

    public override async Task WriteAsync(ParquetRowGroupWriter group)
    {
        if (!isVector)
            await group.WriteAsync<T>((DataField)Field, _values.AsMemory(0, _count)).ConfigureAwait(false);
        else
        {
            var element = (DataField)((ListField)Field).Item;
            if (_definitionLevels.Length < _count)
            {
                _definitionLevels = [.. Enumerable.Repeat(element.MaxDefinitionLevel, _values.Length)];
                _repetitionLevels = [.. Enumerable.Range(0, _values.Length).Select(place => place % size == 0 ? 0 : 1)];
            }
            await group.WriteAllPartsAsync<T>(
                element, _values.AsMemory(0, _count), _definitionLevels.AsMemory(0, _count), _repetitionLevels.AsMemory(0, _count), CancellationToken.None)
                .ConfigureAwait(false);
        }
        _count = 0;
    }
}
