using TorchSharp;

namespace Unlearn.Transforms.Targets;

/// <summary>
/// A trained classifier that rows are to be unlearned from, or a model that an unlearner made of it: what hardness factors and
/// outcomes may ask of a model, whatever it is made of.
/// </summary>
public interface ITarget : IDisposable
{
    /// <summary>Number of classes, at least 2.</summary>
    int ClassCount { get; }

    /// <summary>Number of feature values of one row.</summary>
    int FeatureCount { get; }

    /// <summary>What this model lets a hardness factor see.</summary>
    TargetCapabilities Capabilities { get; }

    /// <summary>
    /// Class logits in evaluation mode, without a gradient graph. Only their log-softmax has a meaning, so log-probabilities are logits too.
    /// </summary>
    /// <param name="features">Feature values, rows × <see cref="FeatureCount"/>, <c>float32</c>.</param>
    /// <returns>Logits, rows × <see cref="ClassCount"/>, on the CPU; the caller disposes them.</returns>
    torch.Tensor Logits(torch.Tensor features);
}
