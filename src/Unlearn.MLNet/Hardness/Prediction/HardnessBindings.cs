using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>The columns of some rows and those that a hardness model adds, which come last.</summary>
internal sealed class HardnessBindings : IRowToRowMapper
{
    /// <exception cref="ArgumentOutOfRangeException">The column of the factors is missing, or holds others than the model was trained on.</exception>
    public HardnessBindings(FittedHardness fitted, DataViewSchema inputSchema)
    {
        (Fitted, InputSchema) = (fitted, inputSchema);
        Factors = FindFactors(inputSchema, fitted.FactorColumnName, nameof(inputSchema));
        var names = NamesOf(Factors);
        if (names.Count != fitted.FactorNames.Count)
            throw new ArgumentOutOfRangeException(
                nameof(inputSchema), $"Schema mismatch for factor column '{Factors.Name}': "
                    + $"the hardness model was trained on {fitted.FactorNames.Count} factors, the column has {names.Count}.");
        for (var i = 0; i < names.Count; i++)
            if (names[i] != fitted.FactorNames[i])
                throw new ArgumentOutOfRangeException(
                    nameof(inputSchema), $"Schema mismatch for factor column '{Factors.Name}': slot {i} is '{names[i]}', "
                        + $"but '{fitted.FactorNames[i]}' in the rows that the hardness model was trained on. Compute the same factors in the same order.");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (var (name, type) in Added(fitted.Methods.Select(method => method.Name)))
            builder.AddColumn(name, type);
        OutputSchema = builder.ToSchema();
    }

    public FittedHardness Fitted { get; }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>The column of the factors.</summary>
    public DataViewSchema.Column Factors { get; }

    /// <summary>The columns that are added: probability, prediction and bound of each method, recommendation.</summary>
    public static IEnumerable<(string Name, DataViewType Type)> Added(IEnumerable<string> methods) =>
    [
        (FittedHardness.ProbabilityColumn, NumberDataViewType.Single),
        .. methods.SelectMany(name => (string[])[$"{name}.PredictedResidualMemory", $"{name}.ResidualMemoryBound"])
            .Select(name => (name, (DataViewType)NumberDataViewType.Single)),
        (FittedHardness.RecommendationColumn, TextDataViewType.Instance),
    ];

    /// <summary>Finds the column of the factors.</summary>
    public static DataViewSchema.Column FindFactors(DataViewSchema schema, string name, string parameterName)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentOutOfRangeException(
                parameterName, $"Could not find factor column '{name}': append UnlearnFactors before. "
                    + $"The rows have {string.Join(", ", schema.Select(other => other.Name))}.");
        return column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single
            ? column
            : throw new ArgumentOutOfRangeException(
                parameterName, $"Schema mismatch for factor column '{name}': expected known-size vector of Single, got {column.Type}.");
    }

    /// <summary>Names of the factors: the column's slot names, or else numbers.</summary>
    public static IReadOnlyList<string> NamesOf(DataViewSchema.Column column)
    {
        var size = ((VectorDataViewType)column.Type).Size;
        if (!column.HasSlotNames())
            return [.. Enumerable.Range(0, size).Select(slot => Invariant($"{slot}"))];
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>Whether a column is one that was added.</summary>
    public bool IsAdded(DataViewSchema.Column column) => column.Index >= InputSchema.Count;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var asked = dependingColumns.ToList();
        return asked.Select(column => IsAdded(column) ? Factors : InputSchema[column.Index]).DistinctBy(column => column.Index);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new HardnessRow(this, input, activeColumns);
}
