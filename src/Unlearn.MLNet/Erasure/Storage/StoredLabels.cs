using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Triage;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>The labels of a workspace: of each labeled row what trials have measured, by column.</summary>
internal sealed class StoredLabels
{
    private const string RowId = "RowId";

    private readonly Dictionary<string, float[]> _numbers;
    private readonly Dictionary<string, bool[]> _flags;
    private readonly Dictionary<string, int> _places;

    private StoredLabels(string[] ids, Dictionary<string, float[]> numbers, Dictionary<string, bool[]> flags, LabelFacts? facts)
    {
        (Ids, _numbers, _flags) = (ids, numbers, flags);
        Facts = facts ?? FactsOf(ids.Length, numbers, flags);
        _places = ids.Index().ToDictionary(id => id.Item, id => id.Index, StringComparer.Ordinal);
    }

    /// <summary>Ids of the labeled rows.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>What holds of all rows, and stays when the labeled rows are erased.</summary>
    public LabelFacts Facts { get; }

    /// <summary>Reads labels.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="rowIdColumnName">Column of the row ids.</param>
    /// <param name="facts">What was kept of all rows; <see langword="null"/> to read it from the first row.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or an id is there twice.</exception>
    public static StoredLabels Read(IDataView labels, string rowIdColumnName, LabelFacts? facts = null)
    {
        foreach (var name in new[] { rowIdColumnName, LabelColumns.Tolerance, LabelColumns.RetrainedMean, LabelColumns.RetrainedDeviation })
            LabelTable.Find(labels.Schema, name, null, "labels of LabelUnlearningHardnessAsync with ExactRetraining have it.");
        List<string> ids = [];
        using (var cursor = labels.GetRowCursor([labels.Schema[rowIdColumnName]]))
        {
            var id = RowReader.RowIdGetter(cursor, labels.Schema[rowIdColumnName]);
            while (cursor.MoveNext())
                ids.Add(id());
        }
        if (ids.Count == 0 && facts is null)
            throw new InvalidOperationException("The labels have no rows: label some rows first.");
        if (ids.GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Row '{twice.Key}' is {twice.Count()} times in the labels: leave one of them.");
        return new([.. ids],
            Columns<float>(labels, NumberDataViewType.Single, rowIdColumnName), Columns<bool>(labels, BooleanDataViewType.Instance, rowIdColumnName),
            facts);
    }

    /// <summary>The labels of all rows but some.</summary>
    public StoredLabels Without(IReadOnlySet<string> ids)
    {
        int[] kept = [.. Enumerable.Range(0, Ids.Count).Where(place => !ids.Contains(Ids[place]))];
        return new([.. kept.Select(place => Ids[place])], Kept(_numbers), Kept(_flags), Facts);

        Dictionary<string, T[]> Kept<T>(Dictionary<string, T[]> columns) =>
            columns.ToDictionary(column => column.Key, column => Array.ConvertAll(kept, place => column.Value[place]), StringComparer.Ordinal);
    }

    /// <summary>The labels as a data view, with text ids in <c>RowId</c>.</summary>
    public IDataView ToDataView()
    {
        var view = new ColumnDataView(Ids.Count);
        view.Add(RowId, [.. Ids.Select(id => id.AsMemory())], TextDataViewType.Instance);
        foreach (var (name, values) in _numbers)
            view.Add(name, values);
        foreach (var (name, values) in _flags)
            view.Add(name, values, BooleanDataViewType.Instance);
        return view;
    }

    /// <summary>μ_R and σ_R of a row; <see langword="null"/> if it is not labeled.</summary>
    public (double Mean, double Deviation)? Retrained(string id) => _places.TryGetValue(id, out var place)
        ? (_numbers[LabelColumns.RetrainedMean][place], _numbers[LabelColumns.RetrainedDeviation][place])
        : null;

    /// <summary>Residual memory of a row in the target that was labeled; <see langword="null"/> where it is not known.</summary>
    public double? OfTarget(string id) => _places.TryGetValue(id, out var place)
        && _numbers.TryGetValue(LabelColumns.ResidualMemory(ErasurePlan.Nothing), out var memory) ? memory[place] : null;

    private static LabelFacts FactsOf(int rows, Dictionary<string, float[]> numbers, Dictionary<string, bool[]> flags) => new(
        rows, numbers[LabelColumns.Tolerance][0],
        [
            .. LabelTable.MethodsOf(numbers.Keys).Select(name => new LabelFacts.Method(
                name, name == ErasurePlan.Nothing ? 0 : numbers[LabelColumns.Seconds(name)][0],
                flags.TryGetValue(LabelColumns.Exact(name), out var isExact) && isExact[0],
                numbers.TryGetValue(LabelColumns.Strength(name), out var strength) ? strength[0] : 1)),
        ]);

    private static Dictionary<string, T[]> Columns<T>(IDataView labels, DataViewType type, string rowIdColumnName) => labels.Schema
        .Where(column => column.Type == type && column.Name != rowIdColumnName)
        .ToDictionary(column => column.Name, column => labels.GetColumn<T>(column).ToArray(), StringComparer.Ordinal);
}
