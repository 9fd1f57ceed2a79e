using TorchSharp;

namespace Unlearn.Transforms;

/// <summary>
/// A trained classifier that must forget rows, or a model that an unlearner made from it. Hardness factors and outcomes use models of
/// every kind through this interface.
/// </summary>
public interface ITarget : IDisposable
{
    /// <summary>Number of classes, at least 2.</summary>
    int ClassCount { get; }

    /// <summary>
    /// Names of the classes, in the order of the logits: the values of the label keys that the model was trained on, as invariant text. Rows with keys in
    /// another order are matched to the classes by these names. If the names are unknown (<see langword="null"/>), classes are matched by number.
    /// </summary>
    IReadOnlyList<string>? ClassNames => null;

    /// <summary>Number of feature values of one row.</summary>
    int FeatureCount { get; }

    /// <summary>
    /// Whether a row is a text: its column then holds text, and its features are those of <see cref="TextFeatures"/>. Default: <see langword="false"/>.
    /// </summary>
    bool TakesText => false;

    /// <summary>Quantities of this model that hardness factors can use.</summary>
    TargetCapabilities Capabilities { get; }

    /// <summary>
    /// Why the model has no more than its <see cref="Capabilities"/>, and what to use instead: a clause for error messages. Default: <see langword="null"/>.
    /// </summary>
    string? Limitation => null;

    /// <summary>
    /// Class logits in evaluation mode, without a gradient graph. Only their log-softmax has a meaning, so log-probabilities are logits too.
    /// </summary>
    /// <param name="features">Feature values, rows × <see cref="FeatureCount"/>, <c>float32</c>.</param>
    /// <returns>Logits, rows × <see cref="ClassCount"/>, on the CPU; the caller disposes them.</returns>
    torch.Tensor Logits(torch.Tensor features);

    /// <summary>
    /// φ: the representation in which distances between rows are measured. It is the input of a network's last linear layer, the leaves that the
    /// row reaches in a tree ensemble, or the features themselves for other models.
    /// </summary>
    /// <param name="features">Feature values, rows × <see cref="FeatureCount"/>, <c>float32</c>.</param>
    /// <returns>Rows × dimensions, without a gradient graph, on the CPU; the caller disposes it.</returns>
    torch.Tensor Embed(torch.Tensor features);

    /// <summary>An independent copy, which the caller disposes.</summary>
    ITarget Clone();
}
