using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Pipeline.Persistence;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>Saves any entries as if they were a model's: sizes and hashes are right, whatever the entries hold.</summary>
/// <param name="entries">The entries.</param>
/// <param name="kind">The kind of model; hardness factors by default.</param>
internal sealed class CraftedModel(IReadOnlyList<(string Name, byte[] Content)> entries, SavedKind? kind = null) : ITransformer
{
    private static readonly MLContext Context = new(0);

    public bool IsRowToRowMapper => true;

    /// <summary>The entries that a transformer saves.</summary>
    public static IReadOnlyList<(string Name, byte[] Content)> EntriesOf(UnlearnFactorsTransformer transformer) => SavedFactors.Entries(transformer.Fitted);

    /// <summary>A model file with some entries.</summary>
    public static byte[] File(IReadOnlyList<(string Name, byte[] Content)> entries, DataViewSchema schema, SavedKind? kind = null)
    {
        using var file = new MemoryStream();
        Context.Model.Save(new CraftedModel(entries, kind), schema, file);
        return file.ToArray();
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => MLNetInternals.Save(ctx, kind ?? MLNetInternals.Factors, entries);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

    public IDataView Transform(IDataView input) => input;

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();
}
