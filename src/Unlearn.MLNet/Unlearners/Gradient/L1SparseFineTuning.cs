using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// L1-FT: fine-tuning on the retained rows with a penalty that makes the parameters sparse, ℓ(retained) + γ_t·‖θ‖₁ (Jia et al., arXiv 2304.04934, section 4:
/// sparsity narrows the gap to retraining). γ_t falls linearly from γ to 0, so that the last steps restore the accuracy. With γ = 0 it is
/// <see cref="FineTuning"/>.
/// </summary>
public sealed class L1SparseFineTuning : IAdjustableUnlearner
{
    /// <summary>γ: weight of the penalty at the first step, from 0.</summary>
    /// <value>Default 1e-3.</value>
    public double PenaltyWeight { get; init => field = Option.NotNegative(value); } = 1e-3;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 2.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 2;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <inheritdoc/>
    public string Name => "L1-FT";

    /// <inheritdoc/>
    public string Specification => Invariant($"l1-sparse-fine-tuning/1 penalty={PenaltyWeight:R} epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "weight of the penalty; " + Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new L1SparseFineTuning { PenaltyWeight = PenaltyWeight * strength, Epochs = epochs, RelativeLearningRate = rate };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Train(RelativeLearningRate, new Pass(run.Retained, retained => retained.CrossEntropy().Add(Penalty(run))).Times(Epochs));
        return run.Finish();
    }

    private torch.Tensor Penalty(UnlearningRun run) =>
        run.Parameters.Select(parameter => parameter.abs().sum()).Sum().Mul(PenaltyWeight * (1 - run.Progress));
}
