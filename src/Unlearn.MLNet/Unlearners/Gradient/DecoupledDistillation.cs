using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// DELETE (Zhou et al., arXiv 2503.23751): the target teaches its own copy on the forgotten rows alone. The teacher's logit of a row's own class is
/// masked with −∞, so that its probabilities over the other classes keep their proportions: the loss is KL(softmax(masked logits) ‖ copy). No other
/// row is used.
/// </summary>
public sealed class DecoupledDistillation : IAdjustableUnlearner
{
    /// <summary>Passes over the rows to forget, from 1.</summary>
    /// <value>Default 5.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 5;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.1.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.1;

    /// <inheritdoc/>
    public string Name => "DELETE";

    /// <inheritdoc/>
    public string Specification => Invariant($"decoupled-distillation/1 epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new DecoupledDistillation { Epochs = epochs, RelativeLearningRate = rate };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Train(RelativeLearningRate, new Pass(run.Forgotten(), forgotten => forgotten.DivergenceFromOthers(run.Target)).Times(Epochs));
        return run.Finish();
    }
}
