using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>Maps single rows, for prediction engines.</summary>
internal sealed class FactorRowMapper(FactorBindings bindings) : IRowToRowMapper
{
    public DataViewSchema InputSchema => bindings.InputSchema;

    public DataViewSchema OutputSchema => bindings.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => bindings.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new FactorRow(bindings, input, activeColumns);
}
