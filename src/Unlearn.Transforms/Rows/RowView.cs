using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Rows;

/// <summary>Training rows as a data view.</summary>
internal static class RowView
{
    private sealed class DataRow
    {
        public string RowId { get; set; } = "";

        public float[] Features { get; set; } = [];

        public string Text { get; set; } = "";

        // ML.NET counts keys of objects from 0.
        public uint Label { get; set; }
    }

    /// <inheritdoc cref="TrainingRows.ToDataView"/>
    public static IDataView Of(TrainingRows rows, MLContext mlContext)
    {
        var schema = SchemaDefinition.Create(typeof(DataRow));
        schema[nameof(DataRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.FeatureCount);
        if (rows.AreTexts)
            schema[nameof(DataRow.Text)].ColumnName = nameof(DataRow.Features);
        schema.Remove(schema[rows.AreTexts ? nameof(DataRow.Features) : nameof(DataRow.Text)]);
        schema[nameof(DataRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), rows.ClassCount);
        if (rows.ClassNames is { } names)
            schema[nameof(DataRow.Label)].AddAnnotation("KeyValues",
                new VBuffer<ReadOnlyMemory<char>>(rows.ClassCount, [.. names.Select(name => name.AsMemory())]),
                new VectorDataViewType(TextDataViewType.Instance, rows.ClassCount));
        return mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, rows.Count).Select(row => new DataRow
        {
            RowId = rows.Ids[row],
            Features = rows.AreTexts ? [] : rows.FeaturesAt(row).ToArray(),
            Text = rows.AreTexts ? TextFeatures.Decode(rows.FeaturesAt(row)) : "",
            Label = (uint)rows.LabelAt(row),
        }), schema);
    }
}
