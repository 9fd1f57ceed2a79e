using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.PerSample;

/// <summary>The registry of layer kinds.</summary>
internal static class LayerSamplers
{
    private static readonly Dictionary<Type, LayerSampler> Samplers = new LayerSampler[] { new LinearSampler(), new Conv2dSampler() }.ToDictionary(sampler => sampler.LayerType);

    /// <summary>All layers of a module that own parameters, each with its sampler, or with the reason why there is none.</summary>
    public static IReadOnlyList<(string Name, Module Layer, LayerSampler? Sampler, string? Refusal)> Of(Module module)
    {
        List<(string, Module, LayerSampler?, string?)> layers = [];
        HashSet<Module> seen = [];
        foreach (var (name, layer) in module.named_modules().Prepend(("(root)", module)))
        {
            if (!seen.Add(layer) || !layer.named_parameters(recurse: false).Any())
                continue;
            var sampler = Samplers.GetValueOrDefault(layer.GetType());
            var refusal = sampler is null ? $"layers of type {layer.GetType().Name} have no per-row gradient sampler" : sampler.Refusal(layer);
            layers.Add((name, layer, refusal is null ? sampler : null, refusal));
        }
        return layers;
    }
}
