using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.MLNetModels;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Models of ML.NET: the model as ML.NET saves it, and which of its columns are looked at.</summary>
internal sealed class MLNetTargetFormat : ITargetFormat
{
    private const string ColumnsEntry = "columns.json";
    private const string ModelEntry = "model.zip";
    private const int MostClasses = 1 << 20;
    private const int MostCharacters = 1 << 24;

    private sealed record Columns(string Feature, ScoreColumns Score, ScoreKind ScoreKind, string Limitation, int TextLength = 0);

    public string Kind => "ml.net";

    public bool CanSave(ITarget target) => target is MLNetTarget;

    public IReadOnlyDictionary<string, byte[]> Save(ITarget target)
    {
        var model = (MLNetTarget)target;
        using var file = new MemoryStream();
        new MLContext().Model.Save(model.Transformer, model.InputSchema, file);
        return new Dictionary<string, byte[]>
        {
            [ColumnsEntry] = JsonSerializer.SerializeToUtf8Bytes(new Columns(model.FeatureColumnName, model.Score, model.ScoreKind, model.Limitation,
                model.TakesText ? model.FeatureCount : 0)),
            [ModelEntry] = file.ToArray(),
        };
    }

    public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        var columns = SavedEntries.ReadJson<Columns>(entries, ColumnsEntry);
        using var file = new MemoryStream(SavedEntries.Find(entries, ModelEntry));
        try
        {
            if (!Enum.IsDefined(columns.ScoreKind) || columns.Score.Width is < 1 or > MostClasses || columns.TextLength is < 0 or > MostCharacters)
                throw new FormatException("the columns are not those of a classifier");
            var transformer = MLNetInternals.LoadModel(environment, file, out var inputSchema);
            var score = transformer.GetOutputSchema(inputSchema)[SavedEntries.CheckName(columns.Score.Name)];
            if ((score.Type as VectorDataViewType)?.Size is var size && size != (columns.Score.Width == 1 ? null : columns.Score.Width))
                throw new FormatException($"column '{columns.Score.Name}' has not {columns.Score.Width} scores");
            return new MLNetTarget(transformer, inputSchema, columns.Feature, columns.Score, columns.ScoreKind, columns.Limitation,
                columns.TextLength) { OwnsTransformer = true };
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            // ML.NET and what it loads throw anything, in wrappers that say nothing.
            throw new FormatException($"The saved hardness factors are damaged: ML.NET cannot load the target. {cause.GetBaseException().Message}", cause);
        }
    }
}
