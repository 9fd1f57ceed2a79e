using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>
/// GA: increases the loss of the rows to forget by minimizing −ℓ(forgotten), and uses no other row (Golatkar et al., arXiv 1911.04933; Thudi et al.,
/// arXiv 2109.13398). It is the cheapest unlearner. Nothing protects the other rows' predictions, so it must do little: few epochs, a low learning
/// rate, clipped gradients.
/// </summary>
public sealed class GradientAscent : IBatchUnlearner, IAdjustableUnlearner
{
    /// <summary>Passes over the rows to forget, from 1. If these rows fit one batch, each pass is one step.</summary>
    /// <value>Default 5.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 5;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.1.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.1;

    /// <summary>Largest norm of a step's gradient, above 0; a longer gradient is clipped to this norm. Infinity means no limit.</summary>
    /// <value>Default 1.</value>
    public double MaximumGradientNorm { get; init => field = Option.PositiveOrInfinite(value); } = 1;

    /// <inheritdoc/>
    public string Name => "GA";

    /// <inheritdoc/>
    public string Specification => Invariant($"gradient-ascent/1 epochs={Epochs} rate={RelativeLearningRate:R} norm={MaximumGradientNorm:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "learning rate, up to twice the recipe's; above 1, the epochs as well";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        // The ascent from a confidence near 1 is slow at first, and passes over the rows to forget are short.
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new GradientAscent
        {
            Epochs = Strength.Times(epochs, Math.Max(strength, 1)),
            RelativeLearningRate = rate,
            MaximumGradientNorm = MaximumGradientNorm,
        };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken) { MaximumGradientNorm = MaximumGradientNorm };
        run.Train(RelativeLearningRate, new Pass(run.Forgotten(), forgotten => -forgotten.CrossEntropy()).Times(Epochs));
        return run.Finish();
    }

    /// <inheritdoc/>
    public int BatchSize(ITarget target, ITrainingRecipe recipe) => StackedUnlearning.BatchSize(target, recipe);

    /// <inheritdoc/>
    public UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
    {
        var (_, recipe) = StackedUnlearning.Check(Name, requests);
        return StackedUnlearning.Run(this, requests, RelativeLearningRate, MaximumGradientNorm, Steps, cancellationToken);

        IEnumerable<WeightedRow[]> Steps(UnlearningRequest request)
        {
            var forgotten = new RowOrder(request.Forget, recipe.BatchSize, Seed.Derive(request.Seed, UnlearningRun.ForgottenOrder));
            for (var step = 0; step < Epochs * forgotten.Count; step++)
                yield return [.. WeightedRow.Mean(forgotten.Next(), -1)];
        }
    }
}
