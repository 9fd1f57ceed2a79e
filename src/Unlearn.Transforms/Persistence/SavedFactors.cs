using System.Text.Json;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.Persistence;

/// <summary>What of a transformer is saved: a manifest in JSON, the target's weights, the state of the statistics. No type names.</summary>
internal static class SavedFactors
{
    private const string ManifestEntry = "manifest.json";
    private const string WeightsEntry = "target.safetensors";
    private const string StatisticsEntry = "statistics.safetensors";

    private sealed record Manifest(FactorColumns Columns, string[] Factors, string Architecture, long[] InputShape, int ClassCount, int[] Widths);

    public static IReadOnlyList<(string Name, byte[] Content)> Entries(UnlearnFactorsTransformer transformer)
    {
        var target = (TorchTarget)transformer.Model.Target;
        var architecture = target.Architecture;
        var manifest = new Manifest(transformer.Columns, [.. transformer.FactorNames], architecture.Name, [.. architecture.InputShape], architecture.ClassCount, [.. architecture.Widths]);
        return
        [
            (ManifestEntry, JsonSerializer.SerializeToUtf8Bytes(manifest)),
            (WeightsEntry, SafeTensors.Write(target.Module.state_dict())),
            (StatisticsEntry, SafeTensors.Write(transformer.Model.States.SelectMany(state => state.Value.Select(entry => KeyValuePair.Create($"{state.Key}/{entry.Key}", entry.Value))))),
        ];
    }

    /// <exception cref="FormatException">The entries are damaged.</exception>
    /// <exception cref="InvalidOperationException">The model needs a custom architecture or factor that this process does not know.</exception>
    public static UnlearnFactorsTransformer Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        if (!entries.ContainsKey(ManifestEntry) || !entries.ContainsKey(WeightsEntry) || !entries.ContainsKey(StatisticsEntry))
            throw new FormatException("The saved hardness factors are damaged: an entry is missing.");
        Manifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<Manifest>(entries[ManifestEntry]) ?? throw new JsonException("empty manifest");
        }
        catch (JsonException cause)
        {
            throw new FormatException("The saved hardness factors are damaged: the manifest cannot be read.", cause);
        }
        using var scope = torch.NewDisposeScope();
        var architecture = TorchArchitecture.Restore(manifest.Architecture, manifest.InputShape, manifest.ClassCount, manifest.Widths);
        var target = TorchTarget.Untrained(architecture, TorchDevice.Auto, seed: 0);
        target.SetState(SafeTensors.Read(entries[WeightsEntry]));
        var states = SafeTensors.Read(entries[StatisticsEntry])
            .GroupBy(entry => entry.Key[..entry.Key.IndexOf('/', StringComparison.Ordinal)])
            .ToDictionary(group => group.Key, group => (IReadOnlyDictionary<string, torch.Tensor>)group.ToDictionary(entry => entry.Key[(group.Key.Length + 1)..], entry => entry.Value));
        return new(environment, new FactorModel(target, [.. manifest.Factors.Select(HardnessFactors.Find)], states, manifest.Columns.UnknownLabels), manifest.Columns);
    }
}
