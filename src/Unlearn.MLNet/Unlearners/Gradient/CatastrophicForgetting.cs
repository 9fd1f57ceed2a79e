using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// CF-k (Goel et al., arXiv 2201.06640): fine-tunes the last k layers of the target on the retained rows, so that they may forget the others. The
/// layers before them keep the target's values. With k at least the number of layers it is <see cref="FineTuning"/>.
/// </summary>
/// <remarks>
/// Layers with weights count, in the order in which the module declares them; a normalization goes with the layer before it. Running statistics of
/// normalizations follow the retained rows everywhere.
/// </remarks>
public sealed class CatastrophicForgetting : IAdjustableUnlearner
{
    /// <summary>k: number of layers that are fine-tuned, from 1. A number above that of all layers means all.</summary>
    /// <value>Default 2.</value>
    public int Layers { get; init => field = Option.AtLeast(1, value); } = 2;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 4.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 4;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <inheritdoc/>
    public string Name => "CF-k";

    /// <inheritdoc/>
    public string Specification => Invariant($"catastrophic-forgetting/1 layers={Layers} epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new CatastrophicForgetting { Layers = Layers, Epochs = epochs, RelativeLearningRate = rate };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Movable = [.. LastLayers.Of(run.Model, Layers).Zip(
            run.Parameters, (isLast, parameter) => parameter.FullLike(isLast ? 1 : 0, dtype: torch.ScalarType.Bool))];
        run.Train(RelativeLearningRate, run.FineTuning(Epochs));
        return run.Finish();
    }
}
