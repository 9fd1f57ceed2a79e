using TorchSharp;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms;

/// <summary>
/// A trained classifier that rows are to be unlearned from, or a model that an unlearner made of it: what hardness factors and
/// outcomes may ask of a model, whatever it is made of.
/// </summary>
public interface ITarget : IDisposable
{
    /// <summary>Number of classes, at least 2.</summary>
    int ClassCount { get; }

    /// <summary>
    /// Names of the classes, in the order of the logits: the values of the label keys that the model was trained on, as invariant text. Rows whose keys were made in another order find
    /// their classes by them. <see langword="null"/> where they are not known; then classes go by their numbers.
    /// </summary>
    IReadOnlyList<string>? ClassNames => null;

    /// <summary>Number of feature values of one row.</summary>
    int FeatureCount { get; }

    /// <summary>What this model lets a hardness factor see.</summary>
    TargetCapabilities Capabilities { get; }

    /// <summary>
    /// Why the model shows no more of itself than <see cref="Capabilities"/>, and what to use in its place: a clause for error messages. <see langword="null"/> if not said otherwise.
    /// </summary>
    string? Limitation => null;

    /// <summary>
    /// Class logits in evaluation mode, without a gradient graph. Only their log-softmax has a meaning, so log-probabilities are logits too.
    /// </summary>
    /// <param name="features">Feature values, rows × <see cref="FeatureCount"/>, <c>float32</c>.</param>
    /// <returns>Logits, rows × <see cref="ClassCount"/>, on the CPU; the caller disposes them.</returns>
    torch.Tensor Logits(torch.Tensor features);

    /// <summary>
    /// φ: the representation in which rows are near or far from each other: the input of a network's last linear layer, the leaves that a tree
    /// ensemble sends the row to, or the features themselves where the model shows nothing else.
    /// </summary>
    /// <param name="features">Feature values, rows × <see cref="FeatureCount"/>, <c>float32</c>.</param>
    /// <returns>Rows × dimensions, without a gradient graph, on the CPU; the caller disposes it.</returns>
    torch.Tensor Embed(torch.Tensor features);

    /// <summary>A copy with a life of its own.</summary>
    ITarget Clone();
}
