using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Rows;

/// <summary>Reads vectors of a known size. A row may hold fewer or more values than its column promises, so no vector is read in another way.</summary>
internal static class VectorReader
{
    /// <summary>A getter that copies the vector of the current row, dense or sparse.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">Column of the vector.</param>
    /// <param name="role">What the column holds, such as <c>Feature</c>: errors begin with it.</param>
    /// <param name="size">Values that every row must have.</param>
    /// <param name="nameRow">Names the current row in errors.</param>
    public static Action<Span<float>> Create(DataViewRow row, DataViewSchema.Column column, string role, int size, Func<string> nameRow)
    {
        var getter = row.GetGetter<VBuffer<float>>(column);
        var value = default(VBuffer<float>);
        return destination =>
        {
            getter(ref value);
            if (value.Length != size)
                throw new InvalidOperationException(Invariant($"{role} column '{column.Name}' has {value.Length} values in {nameRow()}, ")
                    + Invariant($"but the size of the column is {size}: give every row {size} values, or leave the row out."));
            value.CopyTo(destination);
        };
    }
}
