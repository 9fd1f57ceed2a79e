using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>A layer of a module that owns parameters.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Module">The layer.</param>
/// <param name="Sampler">Its sampler; <see langword="null"/> where there is none.</param>
/// <param name="Refusal">Why there is none.</param>
internal sealed record ObservedLayer(string Name, Module Module, LayerSampler? Sampler, string? Refusal)
{
    public bool IsLinear => Module is Linear;

    /// <summary>How many of its parameters are trained; gradients are those of these alone.</summary>
    public LayerTraining Training { get; init; } = LayerTraining.All;
}
