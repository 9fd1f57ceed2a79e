using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>What a hardness model learns of the labels of rows.</summary>
/// <param name="Ids">Row ids.</param>
/// <param name="Hard">Whether each row is hard.</param>
/// <param name="Methods">The methods to predict, the cheapest first, each with its residual memory of every row.</param>
/// <param name="Exact">The cheapest exact method, whose residual memory is zero by construction.</param>
/// <param name="Tolerance">Largest residual memory that is accepted.</param>
internal sealed record LabelTable(
    IReadOnlyList<string> Ids, bool[] Hard, IReadOnlyList<(string Name, double Seconds, float[] ResidualMemory)> Methods,
    (string Name, double Seconds) Exact, double Tolerance)
{
    private static readonly string MemorySuffix = LabelColumns.ResidualMemory("");

    /// <summary>Names of the methods that labels have residual memories of.</summary>
    public static IReadOnlyList<string> MethodsOf(DataViewSchema schema) => MethodsOf(schema.Select(column => column.Name));

    /// <summary>Names of the methods whose residual memories are among columns.</summary>
    public static IReadOnlyList<string> MethodsOf(IEnumerable<string> columns) =>
    [
        .. columns.Where(name => name.EndsWith(MemorySuffix, StringComparison.Ordinal))
            .Select(name => name[..^MemorySuffix.Length])
            .Where(name => name.Length > 0),
    ];

    /// <summary>Names of the methods whose residual memory is predicted.</summary>
    public static IEnumerable<string> ApproximateOf(IDataView labels) => MethodsOf(labels.Schema).Where(name => !IsExact(labels, name));

    /// <summary>Finds a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or has another type.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, DataViewType? type, string remedy)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentOutOfRangeException(
                "labels", $"Could not find column '{name}' in the labels: {remedy} They have {string.Join(", ", schema.Select(other => other.Name))}.");
        return type is null || column.Type.RawType == type.RawType
            ? column
            : throw new ArgumentOutOfRangeException("labels", $"Schema mismatch for column '{name}' of the labels: expected {type}, got {column.Type}.");
    }

    /// <summary>Reads labels.</summary>
    /// <exception cref="InvalidOperationException">There is no exact method, an id is there twice, or a value is out of range.</exception>
    public static LabelTable Read(IDataView labels, UnlearningHardnessEstimator.Options options)
    {
        var ids = ReadIds(labels, options.RowIdColumnName);
        var names = MethodsOf(labels.Schema);
        string[] exact = [.. names.Where(name => IsExact(labels, name))];
        if (exact.Length == 0)
            throw new InvalidOperationException(
                $"None of the methods {string.Join(", ", names)} is exact, so there is none to recommend for rows that no other is safe for: "
                    + $"label with {nameof(ExactRetraining)} too.");
        var cheapest = exact.Select(name => (Name: name, Seconds: SecondsOf(name))).MinBy(method => method.Seconds);
        var tolerance = options.Tolerance ?? labels.GetColumn<float>(LabelColumns.Tolerance).First();
        if (!(tolerance >= 0))
            throw new InvalidOperationException(Invariant($"Column '{LabelColumns.Tolerance}' of the labels is {tolerance}: set {nameof(options.Tolerance)}."));
        var methods = names.Except(exact).Select(name => (Name: name, Seconds: SecondsOf(name), ResidualMemory: MemoryOf(name)))
            .OrderBy(method => method.Seconds).ThenBy(method => method.Name, StringComparer.Ordinal);
        return new(ids, [.. labels.GetColumn<bool>(options.LabelColumnName)], [.. methods], cheapest, tolerance);

        double SecondsOf(string name)
        {
            if (options.Seconds?.TryGetValue(name, out var given) == true)
                return given;
            var measured = name == HardnessScorer.Nothing ? 0 : labels.GetColumn<float>(LabelColumns.Seconds(name)).First();
            return measured >= 0
                ? measured
                : throw new InvalidOperationException(
                    Invariant($"Column '{LabelColumns.Seconds(name)}' of the labels is {measured}: set {nameof(options.Seconds)}."));
        }

        float[] MemoryOf(string name)
        {
            float[] values = [.. labels.GetColumn<float>(LabelColumns.ResidualMemory(name))];
            return Array.FindIndex(values, value => !(float.IsFinite(value) && value >= 0)) is >= 0 and var bad
                ? throw new InvalidOperationException(
                    Invariant($"Column '{LabelColumns.ResidualMemory(name)}' of the labels is {values[bad]} for row '{ids[bad]}': ")
                    + "residual memory is from 0. Leave the row out, or measure it.")
                : values;
        }
    }

    /// <summary>Reads the row ids of labels.</summary>
    /// <exception cref="InvalidOperationException">There is none, or one is there twice.</exception>
    public static string[] ReadIds(IDataView labels, string name)
    {
        var column = labels.Schema[name];
        using var cursor = labels.GetRowCursor([column]);
        var id = RowReader.RowIdGetter(cursor, column);
        List<string> ids = [];
        while (cursor.MoveNext())
            ids.Add(id());
        if (ids.Count == 0)
            throw new InvalidOperationException("The labels have no rows: label some rows first.");
        return ids.GroupBy(id => id).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new InvalidOperationException($"Row '{twice.Key}' is {twice.Count()} times in the labels: leave one of them.")
            : [.. ids];
    }

    private static bool IsExact(IDataView labels, string name) =>
        labels.Schema.GetColumnOrNull(LabelColumns.Exact(name)) is not null && labels.GetColumn<bool>(LabelColumns.Exact(name)).FirstOrDefault();
}
