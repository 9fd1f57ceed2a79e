using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// EU-k (Goel et al., arXiv 2201.06640): retrains the last k layers of the target from a fresh initialization on the retained rows. The layers before them
/// keep the target's values,
/// and with them what they learned from the forgotten rows: unlike <see cref="ExactRetraining"/>, EU-k is not exact.
/// </summary>
/// <remarks>Layers count as for <see cref="CatastrophicForgetting"/>. With k at least the number of layers nothing of the target remains but running
/// statistics of normalizations.</remarks>
public sealed class LastLayersRetraining : IAdjustableUnlearner
{
    /// <summary>k: number of layers that are retrained, from 1. A number above that of all layers means all.</summary>
    /// <value>Default 2.</value>
    public int Layers { get; init => field = Option.AtLeast(1, value); } = 2;

    /// <summary>How far these layers start from the target, between 0 and 1: (1 − share)·θ_target + share·θ_fresh.</summary>
    /// <value>Default 1: a fresh initialization, as published.</value>
    public double FreshShare { get; init => field = Option.Share(value); } = 1;

    /// <summary>Epochs as a multiple of the recipe's, above 0; rounded, and at least one.</summary>
    /// <value>Default 1.</value>
    public double RelativeEpochs { get; init => field = Option.Positive(value); } = 1;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 1.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 1;

    /// <inheritdoc/>
    public string Name => "EU-k";

    /// <inheritdoc/>
    public string Specification =>
        Invariant($"last-layers-retraining/1 layers={Layers} fresh={FreshShare:R} epochs={RelativeEpochs:R} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "below 1, the fresh share and the learning rate; above 1, the epochs by the square root, which hardly forgets more";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength) => new LastLayersRetraining
    {
        Layers = Layers,
        FreshShare = FreshShare * Math.Min(Strength.Check(strength), 1),
        RelativeEpochs = RelativeEpochs * Math.Sqrt(Math.Max(strength, 1)),
        RelativeLearningRate = Math.Min(Strength.Check(strength), 1) * RelativeLearningRate,
    };

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        var isLast = LastLayers.Of(run.Model, Layers);
        using (var untrained = run.Untrained())
        {
            using var noGrad = torch.no_grad();
            foreach (var (parameter, fresh) in run.Parameters.Zip(untrained.Trainable).Where((_, i) => isLast[i]))
                parameter.MulInPlace(1 - FreshShare).AddInPlace(fresh.Parameter, FreshShare);
        }
        run.Movable = [.. isLast.Zip(run.Parameters, (last, parameter) => parameter.FullLike(last ? 1 : 0, dtype: torch.ScalarType.Bool))];
        run.Train(RelativeLearningRate, run.FineTuning(Math.Max(1, (int)Math.Round(RelativeEpochs * run.Recipe.Epochs))));
        return run.Finish();
    }
}
