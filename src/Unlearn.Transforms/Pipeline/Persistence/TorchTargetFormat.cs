using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Torch;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Torch modules: the name and sizes of the architecture, and the state.</summary>
internal sealed class TorchTargetFormat : ITargetFormat
{
    private const string ArchitectureEntry = "architecture.json";
    private const string WeightsEntry = "weights.safetensors";

    private sealed record Architecture(string Name, long[] InputShape, int ClassCount, int[] Widths)
    {
        /// <summary>Names of frozen parameters; <see langword="null"/> if there are none.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string[]? Frozen { get; init; }
    }

    public string Kind => "torch";

    public bool CanSave(ITarget target) => target is TorchTarget;

    public IReadOnlyDictionary<string, byte[]> Save(ITarget target)
    {
        var torchTarget = (TorchTarget)target;
        var architecture = torchTarget.Architecture;
        return new Dictionary<string, byte[]>
        {
            [ArchitectureEntry] = JsonSerializer.SerializeToUtf8Bytes(new Architecture(
                architecture.Name, [.. architecture.InputShape], architecture.ClassCount, [.. architecture.Widths])
            {
                Frozen = torchTarget.Frozen.Count == 0 ? null : [.. torchTarget.Frozen.Order(StringComparer.Ordinal)],
            }),
            [WeightsEntry] = SafeTensors.Write(torchTarget.Module.state_dict()),
        };
    }

    public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        using var scope = torch.NewDisposeScope();
        var saved = SavedEntries.ReadJson<Architecture>(entries, ArchitectureEntry);
        if (saved is not { Name: not null, InputShape: not null, Widths: not null })
            throw new FormatException($"The saved hardness factors are damaged: entry '{ArchitectureEntry}' is incomplete.");
        var architecture = TorchArchitecture.Restore(SavedEntries.CheckName(saved.Name), saved.InputShape, saved.ClassCount, saved.Widths);
        var weights = SafeTensors.Read(SavedEntries.Find(entries, WeightsEntry));
        architecture.CheckSizes(weights.Values.Sum(tensor => tensor.numel()));
        var target = TorchTarget.Untrained(architecture, TorchDevice.Of(environment), seed: 0, saved.Frozen?.ToHashSet(StringComparer.Ordinal));
        try
        {
            target.SetState(weights);
            if (target.Frozen.Except(target.Module.named_parameters().Select(parameter => parameter.name)).FirstOrDefault() is { } unknown)
                throw new FormatException($"The saved hardness factors are damaged: there is no parameter '{SavedEntries.CheckName(unknown)}' to freeze.");
        }
        catch
        {
            target.Dispose();
            throw;
        }
        return FiniteState.Require(target);
    }
}
