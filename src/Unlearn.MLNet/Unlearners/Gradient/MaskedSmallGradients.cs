using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// MSG, a winner of the NeurIPS 2023 challenge and one of the two best of the 18 methods in Cadet et al., arXiv 2410.01276. In every weight tensor,
/// it resets the values with the smallest |∇_θ ℓ(retained sample) − ∇_θ ℓ(forgotten)| to a fresh initialization. These values distinguish least
/// between forgotten and retained rows. Then it fine-tunes the copy on the retained rows, with a lower learning rate for the kept values. The
/// retained sample has as many rows as the forget set.
/// </summary>
/// <remarks>
/// The challenge's entry resets only convolutions, in networks with little else. This class resets values in every parameter of two or more
/// dimensions, linear layers included, so it works with any architecture. With reset share 0 and kept gradient scale 1 it is
/// <see cref="FineTuning"/>.
/// </remarks>
public sealed class MaskedSmallGradients : IAdjustableUnlearner
{
    /// <summary>Share of each weight tensor that is reset, between 0 and 1.</summary>
    /// <value>Default 0.3.</value>
    public double ResetShare { get; init => field = Option.Share(value); } = 0.3;

    /// <summary>Factor for the gradients of the kept values, between 0 and 1.</summary>
    /// <value>Default 0.1.</value>
    public double KeptGradientScale { get; init => field = Option.Share(value); } = 0.1;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 3.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 3;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <inheritdoc/>
    public string Name => "MSG";

    /// <inheritdoc/>
    public string Specification => Invariant(
        $"masked-small-gradients/1 reset={ResetShare:R} kept={KeptGradientScale:R} epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "kept share of the weights, as its power; " + Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new MaskedSmallGradients
        {
            ResetShare = strength == 1
                ? ResetShare
                : 1 - Math.Pow(1 - ResetShare, strength), KeptGradientScale = KeptGradientScale, Epochs = epochs, RelativeLearningRate = rate,
        };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        Reset(run);
        run.Train(RelativeLearningRate, run.FineTuning(Epochs));
        return run.Finish();
    }

    private void Reset(UnlearningRun run)
    {
        var forgotten = run.Gradient(run.Request.Forget);
        var retained = run.Gradient(run.SampleOfRetained(run.Request.Forget.Count));
        using var untrained = run.Untrained();
        run.GradientScales =
        [
            .. run.Parameters.Zip(untrained.Trainable).Select((pair, i) => Reset(pair.First, pair.Second.Parameter, (retained[i] - forgotten[i]).abs())),
        ];
    }

    private torch.Tensor Reset(torch.Tensor parameter, torch.Tensor fresh, torch.Tensor gradient)
    {
        if (parameter.dim() < 2)
            return torch.ones_like(parameter);
        var isReset = ParameterMask.OfLargest([gradient.neg()], ResetShare)[0];
        parameter.copy_(torch.where(isReset, fresh, parameter));
        return torch.where(isReset, 1, KeptGradientScale).to(parameter.dtype);
    }
}
