using Microsoft.ML;
using TorchSharp;
using Unlearn.Transforms.MLNetModels.Trees;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms;

/// <summary>
/// Trees of ML.NET as a target: FastTree, FastForest or LightGBM, of two or more classes. φ is the leaf that each tree sends the row to, so that the
/// cosine of two rows is the share of the trees in which they fall into the same leaf.
/// </summary>
public sealed class TreeEnsembleTarget : ITarget
{
    internal TreeEnsembleTarget(TreeEnsemble ensemble, int featureCount)
    {
        RequireFinite(ensemble.LeafValues, "leaf");
        RequireFinite(ensemble.Starts, "start of score");
        if (Array.FindIndex(ensemble.Thresholds, float.IsNaN) is >= 0 and var node)
            throw new ArgumentException($"The threshold of node {node} of the trees is NaN, so they are no trained model.", nameof(ensemble));
        Ensemble = ensemble;
        FeatureCount = featureCount;
    }

    /// <summary>Makes a target of a trained model.</summary>
    /// <param name="model">
    /// What a trainer of trees made: a FastTree or LightGBM, also of several classes or under <c>OneVersusAll</c>, or a binary FastForest and the
    /// Platt calibrator that was appended to it, as one chain. The target's features are those that the trainer read: transform the data before.
    /// </param>
    /// <param name="classNames">Names of the classes, if they are known; see <see cref="ITarget.ClassNames"/>.</param>
    /// <exception cref="ArgumentException">The names are not one for each class.</exception>
    /// <exception cref="NotSupportedException">
    /// The model holds something else, its scores are not calibrated by a Platt calibrator, or no tree splits.
    /// </exception>
    public static TreeEnsembleTarget FromModel(ITransformer model, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var target = TreeModelReader.Read(model);
        target.ClassNames = ClassOrder.Check(classNames, target.ClassCount, nameof(classNames));
        return target;
    }

    /// <inheritdoc/>
    public int ClassCount => Ensemble.ClassCount;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames { get; internal set; }

    /// <inheritdoc/>
    public int FeatureCount { get; }

    /// <summary>Number of trees.</summary>
    public int TreeCount => Ensemble.TreeCount;

    /// <summary>Number of leaves of all trees.</summary>
    public int LeafCount => Ensemble.LeafCount;

    /// <inheritdoc/>
    public TargetCapabilities Capabilities => TargetCapabilities.Logits | TargetCapabilities.LeafValues;

    /// <inheritdoc/>
    public string Limitation => "trees are constant between their thresholds and have no gradients; LeafInfluence takes the place of SelfInfluence";

    /// <inheritdoc/>
    public torch.Tensor Logits(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        return Ensemble.Logits(Leaves(features)).to(torch.float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public torch.Tensor Embed(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        var leaves = Leaves(features);
        return torch.zeros(leaves.shape[0], LeafCount).scatter_(1, leaves, torch.ones_like(leaves, torch.float32)).MoveToOuterDisposeScope();
    }

    ITarget ITarget.Clone() => Clone();

    /// <summary>A copy with a life of its own.</summary>
    public TreeEnsembleTarget Clone() => new(Ensemble, FeatureCount) { ClassNames = ClassNames };

    /// <summary>Does nothing: trees hold no native memory.</summary>
    public void Dispose()
    {
    }

    internal TreeEnsemble Ensemble { get; }

    private static void RequireFinite(float[] values, string what)
    {
        if (Array.FindIndex(values, value => !float.IsFinite(value)) is >= 0 and var number)
            throw new ArgumentException(
                Invariant($"The {what} {number} of the trees has the value {values[number]}, so they are no trained model."), nameof(values));
    }

    /// <summary>The leaf that each tree sends each row to: rows × trees, <c>int64</c>, numbered over all trees.</summary>
    internal torch.Tensor Leaves(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        return features.shape is [_, var width] && width == FeatureCount
            ? Ensemble.Leaves(features)
            : throw new ArgumentException($"The trees take rows × {FeatureCount} features, got [{string.Join(" × ", features.shape)}].", nameof(features));
    }
}
