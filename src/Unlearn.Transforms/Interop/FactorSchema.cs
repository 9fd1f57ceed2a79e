using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Interop;

/// <summary>Schema shapes of the factor columns; ML.NET keeps their making internal.</summary>
internal static class FactorSchema
{
    public static SchemaShape ShapeOf(DataViewSchema schema) => SchemaShape.Create(schema);

    public static SchemaShape Extend(SchemaShape input, string output, IReadOnlyList<string> factors)
    {
        var columns = input.ToDictionary(column => column.Name);
        foreach (var factor in factors)
            columns[factor] = new SchemaShape.Column(factor, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false);
        var slotNames = new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false)]);
        columns[output] = new SchemaShape.Column(output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, slotNames);
        return new SchemaShape(columns.Values);
    }
}
