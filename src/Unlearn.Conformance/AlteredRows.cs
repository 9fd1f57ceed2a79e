using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>Training rows of which one is changed.</summary>
internal static class AlteredRows
{
    private sealed class Row
    {
        public string RowId { get; set; } = "";

        public float[] Features { get; set; } = [];

        // ML.NET counts keys of objects from 0.
        public uint Label { get; set; }
    }

    /// <summary>The same rows, but one has the features of another row, in reverse, and another class.</summary>
    public static TrainingRows With(TrainingRows rows, int position)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.FeatureCount);
        schema[nameof(Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), rows.ClassCount);
        if (rows.ClassNames is { } names)
            schema[nameof(Row.Label)].AddAnnotation(
                "KeyValues",
                new VBuffer<ReadOnlyMemory<char>>(rows.ClassCount, [.. names.Select(name => name.AsMemory())]),
                new VectorDataViewType(TextDataViewType.Instance, rows.ClassCount));
        return TrainingRows.FromDataView(new MLContext(1).Data.LoadFromEnumerable(Enumerable.Range(0, rows.Count).Select(row => new Row
        {
            RowId = rows.Ids[row],
            Features = row == position ? [.. rows.FeaturesAt(0).ToArray().Reverse()] : rows.FeaturesAt(row).ToArray(),
            Label = (uint)(row == position ? (rows.LabelAt(row) + 1) % rows.ClassCount : rows.LabelAt(row)),
        }), schema));
    }
}
