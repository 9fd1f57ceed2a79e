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

    private StoredLabels(string[] ids, Dictionary<string, float[]> numbers, Dictionary<string, bool[]> flags)
    {
        (Ids, _numbers, _flags) = (ids, numbers, flags);
        _places = ids.Index().ToDictionary(id => id.Item, id => id.Index, StringComparer.Ordinal);
    }

    /// <summary>Ids of the labeled rows.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>95 % quantile of the retrained models' own residual memory.</summary>
    public double Tolerance => _numbers[LabelColumns.Tolerance][0];

    /// <summary>Reads labels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or an id is there twice.</exception>
    public static StoredLabels Read(IDataView labels, string rowIdColumnName)
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
        if (ids.Count == 0)
            throw new InvalidOperationException("The labels have no rows: label some rows first.");
        if (ids.GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Row '{twice.Key}' is {twice.Count()} times in the labels: leave one of them.");
        return new([.. ids],
            Columns<float>(labels, NumberDataViewType.Single, rowIdColumnName), Columns<bool>(labels, BooleanDataViewType.Instance, rowIdColumnName));
    }

    /// <summary>The labels of all rows but some.</summary>
    public StoredLabels Without(IReadOnlySet<string> ids)
    {
        int[] kept = [.. Enumerable.Range(0, Ids.Count).Where(place => !ids.Contains(Ids[place]))];
        return new([.. kept.Select(place => Ids[place])], Kept(_numbers), Kept(_flags));

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

    /// <summary>Strength that an unlearner had in the trials; 1 for its own options.</summary>
    public double Strength(string method) => _numbers.TryGetValue(LabelColumns.Strength(method), out var strength) ? strength[0] : 1;

    /// <summary>The methods that the labels tell of. SISA and other exact methods that start from models of their own are not among them.</summary>
    public IReadOnlyList<TriageMethod> Methods() =>
    [
        .. LabelTable.MethodsOf(ToDataView().Schema).Select(name => new TriageMethod(name,
            name == ErasurePlan.Nothing ? 0 : _numbers[LabelColumns.Seconds(name)][0],
            _flags.TryGetValue(LabelColumns.Exact(name), out var isExact) && isExact[0])),
    ];

    private static Dictionary<string, T[]> Columns<T>(IDataView labels, DataViewType type, string rowIdColumnName) => labels.Schema
        .Where(column => column.Type == type && column.Name != rowIdColumnName)
        .ToDictionary(column => column.Name, column => labels.GetColumn<T>(column).ToArray(), StringComparer.Ordinal);
}
