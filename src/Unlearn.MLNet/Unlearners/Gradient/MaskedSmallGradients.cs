using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;

namespace Unlearn.MLNet;

/// <summary>
/// MSG, a winner of the NeurIPS 2023 challenge and one of the two best of the 18 methods in Cadet et al., arXiv 2410.01276: in every weight tensor the values that tell
/// forgotten from retained rows least, those with the smallest |∇_θ ℓ(retained sample) − ∇_θ ℓ(forgotten)|, start again from a fresh initialization; then the copy is
/// fine-tuned on the retained rows, while the values that were kept learn at a fraction of the rate. The sample has as many rows as are forgotten.
/// </summary>
/// <remarks>
/// The challenge's entry resets convolutions alone, in networks that hold little else. Here every parameter of two or more dimensions counts, linear layers
/// included, so that it works with any architecture. Nothing reset and kept values at full rate: <see cref="FineTuning"/>.
/// </remarks>
public sealed class MaskedSmallGradients : IUnlearner
{
    /// <summary>Share of each weight tensor that is reset, between 0 and 1.</summary>
    /// <value>Default 0.3.</value>
    public double ResetShare { get; init => field = Option.Share(value); } = 0.3;

    /// <summary>What the gradients of the kept values are multiplied by, between 0 and 1.</summary>
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
        run.GradientScales = [.. run.Parameters.Zip(untrained.Trainable).Select((pair, i) => Reset(pair.First, pair.Second.Parameter, (retained[i] - forgotten[i]).abs()))];
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
