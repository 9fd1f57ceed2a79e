using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>Those rows of a data view that have labels, in the order of their ids: so the order of the rows does not matter.</summary>
/// <param name="Factors">Their factors.</param>
/// <param name="Groups">Their groups.</param>
/// <param name="Places">Place of each among the labels.</param>
internal sealed record LabeledRows(FactorMatrix Factors, int[] Groups, int[] Places)
{
    private static readonly Type[] IdTypes = [typeof(ReadOnlyMemory<char>), typeof(int), typeof(long), typeof(uint), typeof(ulong)];

    /// <summary>Reads the rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="labeled">Ids of the labels.</param>
    /// <param name="options">Names of the columns, which are there.</param>
    /// <param name="factorNames">Names of the factors, for errors.</param>
    /// <param name="atRow">Called at every row: the place to stop at.</param>
    /// <exception cref="InvalidOperationException">An id is there twice, no row is labeled, or a number is not finite.</exception>
    public static LabeledRows Read(
        IDataView data, IReadOnlyList<string> labeled, UnlearningHardnessEstimator.Options options, IReadOnlyList<string> factorNames, Action atRow)
    {
        var places = labeled.Select((id, place) => (id, place)).ToDictionary(row => row.id, row => row.place, StringComparer.Ordinal);
        var (idColumn, factorColumn) = (data.Schema[options.RowIdColumnName], data.Schema[options.FactorColumnName]);
        var groupColumn = data.Schema[options.GroupColumnName ?? options.FeatureColumnName];
        using var cursor = data.GetRowCursor([idColumn, factorColumn, groupColumn]);
        var id = RowReader.RowIdGetter(cursor, idColumn);
        var current = "";
        var width = SizeOf(factorColumn);
        var readFactors = VectorReader.Create(cursor, factorColumn, "Factor", width, () => $"row '{current}'");
        var featureCount = options.GroupColumnName is null ? SizeOf(groupColumn) : 0;
        var readFeatures = featureCount == 0 ? null : VectorReader.Create(cursor, groupColumn, "Feature", featureCount, () => $"row '{current}'");
        var readGroup = featureCount == 0 ? RowReader.RowIdGetter(cursor, groupColumn) : null;
        SortedDictionary<string, (float[] Factors, float[] Features, string Group)> found = new(StringComparer.Ordinal);
        while (cursor.MoveNext())
        {
            atRow();
            current = id();
            if (!places.ContainsKey(current))
                continue;
            var (factors, features) = (new float[width], new float[featureCount]);
            readFactors(factors);
            readFeatures?.Invoke(features);
            if (Array.FindIndex(factors, value => !float.IsFinite(value)) is >= 0 and var bad)
                throw new InvalidOperationException(
                    Invariant($"Factor '{factorNames[bad]}' of row '{current}' is {factors[bad]}: ")
                    + "leave the factor or the row's label out, or fill the value in.");
            if (!found.TryAdd(current, (factors, features, readGroup?.Invoke() ?? "")))
                throw new InvalidOperationException($"Row '{current}' is in the data more than once: ids must differ.");
        }
        if (found.Count == 0)
            throw new InvalidOperationException(
                $"None of the {labeled.Count} labeled rows, such as '{labeled[0]}', is in the data: "
                    + $"compare the ids in column '{options.RowIdColumnName}' of both.");
        var rows = found.Values;
        return new(new([.. found.Keys], [.. rows.SelectMany(row => row.Factors)], width),
            readGroup is null
                ? NearDuplicateGroups.Find(rows.Select(row => row.Features), featureCount, NearDuplicateGroups.DefaultThreshold, CancellationToken.None)
                : Number(rows.Select(row => row.Group)),
            [.. found.Keys.Select(key => places[key])]);
    }

    /// <summary>Checks that rows have the columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static void Check(SchemaShape schema, UnlearningHardnessEstimator.Options options)
    {
        Demand("factor", options.FactorColumnName, true, "append UnlearnFactors before");
        Demand("row id", options.RowIdColumnName, false, "the labels are found by it");
        if (options.GroupColumnName is { } group)
            Demand("group", group, false, "rows of a group stay together");
        else
            Demand("feature", options.FeatureColumnName, true, $"near-duplicates are found by it, unless {nameof(options.GroupColumnName)} is set");

        void Demand(string role, string name, bool isVector, string why)
        {
            var column = schema.FirstOrDefault(column => column.Name == name);
            if (column.Name is null)
                throw new ArgumentOutOfRangeException(
                    "inputSchema", $"Could not find {role} column '{name}': {why}. The rows have {string.Join(", ", schema.Select(other => other.Name))}.");
            var fits = isVector
                ? column.Kind == SchemaShape.Column.VectorKind.Vector && column.ItemType == NumberDataViewType.Single
                : column.Kind == SchemaShape.Column.VectorKind.Scalar && Array.IndexOf(IdTypes, column.ItemType.RawType) >= 0;
            var wanted = isVector ? "known-size vector of Single" : "text or an integer";
            if (!fits)
                throw new ArgumentOutOfRangeException(
                    "inputSchema", $"Schema mismatch for {role} column '{name}': expected {wanted}, got {column.Kind} of {column.ItemType}.");
        }
    }

    /// <summary>Checks that there are rows of both labels.</summary>
    /// <exception cref="InvalidOperationException">All rows are hard or none is.</exception>
    public static void Check(bool[] hard, UnlearningHardnessEstimator.Options options)
    {
        if (Array.TrueForAll(hard, isHard => isHard == hard[0]))
            throw new InvalidOperationException(
                $"{(hard[0] ? "All" : "None")} of the {hard.Length} labeled rows {(hard[0] ? "are" : "is")} hard in column '{options.LabelColumnName}', "
                + "so there is nothing to learn: label other rows too.");
    }

    private static int SizeOf(DataViewSchema.Column column) => ((VectorDataViewType)column.Type).Size;

    private static int[] Number(IEnumerable<string> groups)
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        return [.. groups.Select(group =>
        {
            numbers.TryAdd(group, numbers.Count);
            return numbers[group];
        })];
    }
}
