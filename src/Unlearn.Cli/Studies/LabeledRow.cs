using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace Unlearn.Cli.Studies;

/// <summary>A row of a data view.</summary>
internal sealed class LabeledRow
{
    /// <summary>Id of the row.</summary>
    public string RowId { get; set; } = "";

    /// <summary>Features.</summary>
    public float[] Features { get; set; } = [];

    /// <summary>Class, from 0, as ML.NET counts keys of objects.</summary>
    public uint Label { get; set; }

    /// <summary>Reads rows, one after the other, into training rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="featureCount">Length of each row's features.</param>
    /// <param name="classCount">Number of classes.</param>
    public static TrainingRows ToTrainingRows(IEnumerable<LabeledRow> rows, int featureCount, int classCount)
    {
        var schema = SchemaDefinition.Create(typeof(LabeledRow));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, featureCount);
        schema[nameof(Label)].ColumnType = new KeyDataViewType(typeof(uint), classCount);
        return TrainingRows.FromDataView(new MLContext(1).Data.LoadFromEnumerable(rows, schema));
    }
}
