using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>Maps the input columns of a transformer to its output columns: first all input columns, then the factors, then the vector of factors.</summary>
internal sealed class FactorBindings
{
    private readonly FittedFactors _fitted;
    private readonly bool _isOutOfFold;

    /// <param name="fitted">The factors.</param>
    /// <param name="inputSchema">Columns of the rows.</param>
    /// <param name="isTraining">Whether these are the rows that the factors were fitted on: they get out-of-fold factors, if there are some.</param>
    public FactorBindings(FittedFactors fitted, DataViewSchema inputSchema, bool isTraining = false)
    {
        _fitted = fitted;
        _isOutOfFold = isTraining && fitted.CrossFitted is not null;
        Compute = _isOutOfFold ? fitted.CrossFitted!.Compute : fitted.Model.Compute;
        Columns = fitted.Columns;
        Model = fitted.Model;
        InputSchema = inputSchema;
        Inputs = TargetColumns.Find(inputSchema, (Columns.Feature, Columns.Label, Columns.RowId),
            (Model.Target.FeatureCount, Model.Target.ClassCount, Model.Target.TakesText),
            fitted.ClassNames, nameof(inputSchema)) with { FindFlaw = Model.Target is TorchTarget torchTarget ? torchTarget.Architecture.FindFlaw : null };

        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (var factor in Model.Factors)
            builder.AddColumn(Columns.Prefix + factor.Name, NumberDataViewType.Single);
        var annotations = new DataViewSchema.Annotations.Builder();
        var names = Model.Factors.Select(factor => factor.Name.AsMemory()).ToArray();
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(names.Length, names));
        builder.AddColumn(Columns.Output, new VectorDataViewType(NumberDataViewType.Single, names.Length), annotations.ToAnnotations());
        OutputSchema = builder.ToSchema();
    }

    public FactorColumns Columns { get; }

    public FactorModel Model { get; }

    /// <summary>Computes some of the factors of some rows; see <see cref="FactorModel.Compute"/>.</summary>
    public Action<IReadOnlyList<int>, FactorRows, float[][]> Compute { get; }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public TargetColumns Inputs { get; }

    /// <inheritdoc cref="FittedFactors.Use"/>
    public IDisposable Use() => _fitted.Use();

    /// <summary>Whether an output column is one of ours.</summary>
    public bool IsComputed(int outputColumn) => outputColumn >= InputSchema.Count;

    /// <summary>Positions of the factors that an output column of ours needs.</summary>
    public IEnumerable<int> FactorsOf(int outputColumn) =>
        outputColumn - InputSchema.Count is var factor && factor < Model.Factors.Count ? [factor] : Enumerable.Range(0, Model.Factors.Count);

    /// <summary>Input columns that some output columns need.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> outputColumns)
    {
        var asked = outputColumns.ToList();
        var passedOn = asked.Where(column => !IsComputed(column.Index)).Select(column => InputSchema[column.Index]);
        var factors =
            asked.Where(column => IsComputed(column.Index)).SelectMany(column => FactorsOf(column.Index)).Select(factor => Model.Factors[factor]).ToHashSet();
        var computed = Inputs.All.Where(column =>
            column.Index == Inputs.Feature.Index && factors.Count > 0 ||
            column.Index == Inputs.Label?.Index && factors.Any(factor => factor.NeedsLabel) ||
            column.Index == Inputs.RowId?.Index && factors.Count > 0 && (_isOutOfFold || factors.Any(factor => factor.NeedsRowId)));
        return passedOn.Concat(computed).DistinctBy(column => column.Index);
    }

    /// <summary>Readers of the features, the label and the row key of a row, as far as its active columns go.</summary>
    /// <param name="row">The row.</param>
    /// <param name="findId">Finds the id of the current row, for errors, where its column is not active.</param>
    public FactorInput Reader(DataViewRow row, Func<string?>? findId = null)
    {
        var label = Inputs.Label is { } column && row.IsColumnActive(column) ? Inputs.LabelGetter(row, findId) : () => -1;
        Func<long>? key = Columns.RowId is null ? null : () => RowKey.Unknown;
        if (Inputs.RowId is { } rowId && row.IsColumnActive(rowId))
        {
            var id = RowReader.RowIdGetter(row, rowId);
            key = () => RowKey.OfId(id());
        }
        return new(Inputs.FeatureGetter(row, findId), label, key);
    }
}
