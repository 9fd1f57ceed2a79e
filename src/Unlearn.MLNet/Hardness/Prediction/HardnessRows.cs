using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>Labeled rows as ML.NET's binary trainers take them.</summary>
internal static class HardnessRows
{
    private const string Group = "Group";

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">No row is labeled, all are hard or none is, an id is there twice, or a factor is not finite.</exception>
    public static IDataView Of(IDataView data, IDataView labels, UnlearningHardnessEstimator.Options options)
    {
        LabeledRows.Check(FactorSchema.ShapeOf(data.Schema), options);
        var factors = HardnessBindings.FindFactors(data.Schema, options.FactorColumnName, nameof(data));
        LabelTable.Find(labels.Schema, options.RowIdColumnName, null, "it holds the row ids.");
        LabelTable.Find(labels.Schema, options.LabelColumnName, BooleanDataViewType.Instance, "it tells hard rows.");
        var ids = LabelTable.ReadIds(labels, options.RowIdColumnName);
        bool[] hard = [.. labels.GetColumn<bool>(options.LabelColumnName)];
        var rows = LabeledRows.Read(data, ids, options, HardnessBindings.NamesOf(factors), () => { });
        bool[] found = [.. rows.Places.Select(place => hard[place])];
        LabeledRows.Check(found, options);

        var view = new ColumnDataView(found.Length);
        view.Add(options.RowIdColumnName, [.. rows.Places.Select(place => ids[place].AsMemory())], TextDataViewType.Instance);
        view.AddVectors(options.FactorColumnName, rows.Factors.Width, (row, values) => rows.Factors.Row(row).CopyTo(values), factors.Annotations);
        view.Add(options.LabelColumnName, found, BooleanDataViewType.Instance);
        view.Add(Group, rows.Groups, NumberDataViewType.Int32);
        return view;
    }
}
