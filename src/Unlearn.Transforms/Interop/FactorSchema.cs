using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Interop;

/// <summary>Schema shapes of the columns that we add; ML.NET keeps their making internal.</summary>
internal static class FactorSchema
{
    public static SchemaShape ShapeOf(DataViewSchema schema) => SchemaShape.Create(schema);

    public static SchemaShape Extend(SchemaShape input, string output, IReadOnlyList<string> factors)
    {
        var columns = input.ToDictionary(column => column.Name);
        foreach (var factor in factors)
            columns[factor] = new SchemaShape.Column(factor, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false);
        var slotNames = new SchemaShape(
            [new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false)]);
        columns[output] = new SchemaShape.Column(output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, slotNames);
        return new SchemaShape(columns.Values);
    }

    /// <summary>The shape with scalar columns added.</summary>
    public static SchemaShape Extend(SchemaShape input, IEnumerable<(string Name, DataViewType Type)> added)
    {
        var columns = input.ToDictionary(column => column.Name);
        foreach (var (name, type) in added)
            columns[name] = new SchemaShape.Column(name, SchemaShape.Column.VectorKind.Scalar, type, isKey: false);
        return new SchemaShape(columns.Values);
    }
}
