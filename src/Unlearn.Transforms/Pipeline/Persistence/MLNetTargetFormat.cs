using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.MLNetModels;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Models of ML.NET: the model as ML.NET saves it, and which of its columns are looked at.</summary>
internal sealed class MLNetTargetFormat : ITargetFormat
{
    private const string ColumnsEntry = "columns.json";
    private const string ModelEntry = "model.zip";

    private sealed record Columns(string Feature, ScoreColumns Score, ScoreKind ScoreKind, string Limitation);

    public string Kind => "ml.net";

    public bool CanSave(ITarget target) => target is MLNetTarget;

    public IReadOnlyDictionary<string, byte[]> Save(ITarget target)
    {
        var model = (MLNetTarget)target;
        using var file = new MemoryStream();
        new MLContext().Model.Save(model.Transformer, model.InputSchema, file);
        return new Dictionary<string, byte[]>
        {
            [ColumnsEntry] = JsonSerializer.SerializeToUtf8Bytes(new Columns(model.FeatureColumnName, model.Score, model.ScoreKind, model.Limitation)),
            [ModelEntry] = file.ToArray(),
        };
    }

    public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        var columns = SavedEntries.ReadJson<Columns>(entries, ColumnsEntry);
        using var file = new MemoryStream(SavedEntries.Find(entries, ModelEntry));
        var transformer = MLNetInternals.LoadModel(environment, file, out var inputSchema);
        return new MLNetTarget(transformer, inputSchema, columns.Feature, columns.Score, columns.ScoreKind, columns.Limitation) { OwnsTransformer = true };
    }
}
