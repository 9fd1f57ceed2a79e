using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>What flowed through a layer when a pass called it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">What it was called with, the input proper first; without a graph.</param>
/// <param name="Output">What it gave, with its graph.</param>
internal sealed record ObservedCall(ObservedLayer Layer, IReadOnlyList<torch.Tensor?> Inputs, torch.Tensor Output);
