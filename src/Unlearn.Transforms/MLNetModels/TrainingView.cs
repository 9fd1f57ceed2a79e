using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.MLNetModels;

/// <summary>Some of the training rows as a data view that any trainer takes.</summary>
internal static class TrainingView
{
    private sealed class Row<TLabel>
    {
        public string RowId { get; set; } = "";

        public float[] Features { get; set; } = [];

        public string Text { get; set; } = "";

        public TLabel? Label { get; set; }
    }

    /// <summary>
    /// Columns <c>RowId</c> (text), <c>Features</c> (vector, or text) and <c>Label</c>: a key with the class numbers from 0, as text, for values.
    /// </summary>
    public static IDataView WithKeys(MLContext context, TrainingRows rows, ReadOnlyMemory<int> positions)
    {
        var schema = Schema<uint>(rows);
        var label = schema[nameof(Row<>.Label)];
        label.ColumnType = new KeyDataViewType(typeof(uint), rows.ClassCount);
        var names = Enumerable.Range(0, rows.ClassCount).Select(k => k.ToString(CultureInfo.InvariantCulture).AsMemory()).ToArray();
        label.AddAnnotation(
            "KeyValues", new VBuffer<ReadOnlyMemory<char>>(names.Length, names), new VectorDataViewType(TextDataViewType.Instance, names.Length));
        return Load(context, schema, rows, positions, label => (uint)label);
    }

    /// <summary>The same with a <see cref="bool"/> label, which binary trainers ask for: class 1 is <see langword="true"/>.</summary>
    public static IDataView WithBooleans(MLContext context, TrainingRows rows, ReadOnlyMemory<int> positions) =>
        Load(context, Schema<bool>(rows), rows, positions, label => label == 1);

    private static SchemaDefinition Schema<TLabel>(TrainingRows rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row<TLabel>));
        schema[nameof(Row<>.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.FeatureCount);
        if (rows.AreTexts)
            schema[nameof(Row<>.Text)].ColumnName = nameof(Row<>.Features);
        schema.Remove(schema[rows.AreTexts ? nameof(Row<>.Features) : nameof(Row<>.Text)]);
        return schema;
    }

    private static IDataView Load<TLabel>(MLContext context, SchemaDefinition schema, TrainingRows rows, ReadOnlyMemory<int> positions, Func<int, TLabel> label)
    {
        var loaded = new Row<TLabel>[positions.Length];
        for (var i = 0; i < loaded.Length; i++)
        {
            var position = positions.Span[i];
            loaded[i] = new()
            {
                RowId = rows.Ids[position],
                Features = rows.AreTexts ? [] : rows.FeaturesAt(position).ToArray(),
                Text = rows.AreTexts ? TextFeatures.Decode(rows.FeaturesAt(position)) : "",
                Label = label(rows.LabelAt(position)),
            };
        }
        return context.Data.LoadFromEnumerable(loaded, schema);
    }
}
