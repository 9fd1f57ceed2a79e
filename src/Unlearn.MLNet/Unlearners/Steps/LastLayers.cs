using Unlearn.Transforms;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>The last layers of a target, in the order in which its module declares them.</summary>
internal static class LastLayers
{
    /// <summary>
    /// Tells which trainable parameters belong to the last layers. A layer is counted if it has a weight of two or more dimensions. Normalizations
    /// and other layers without such a weight go with the counted layer before them.
    /// </summary>
    /// <param name="model">The target or a copy.</param>
    /// <param name="count">Number of layers, from 1. A number above that of all layers means all.</param>
    /// <returns>One value for each of <see cref="TorchTarget.Trainable"/>.</returns>
    public static IReadOnlyList<bool> Of(TorchTarget model, int count)
    {
        var layers =
            model.Trainable.Where(parameter => parameter.Parameter.dim() > 1).Select(parameter => LayerSamplers.LayerOf(parameter.Name)).Distinct().ToList();
        if (count >= layers.Count)
            return [.. model.Trainable.Select(_ => true)];
        var first = layers[^count];
        var isReached = false;
        return [.. model.Trainable.Select(parameter => isReached |= LayerSamplers.LayerOf(parameter.Name) == first)];
    }
}
