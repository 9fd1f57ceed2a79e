using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// SCRUB (Kurmanji et al., arXiv 2302.09880, algorithm 1): the target is the teacher of its own copy. The copy obeys the teacher on the retained rows
/// and disobeys it on the forgotten rows. Passes over the forgotten rows increase the divergence D = T²·KL(teacher ‖ copy) of the probabilities
/// softmax(logits / T), as in the authors' code. They alternate with passes over the retained rows, which decrease α·D + γ·ℓ. The last passes are
/// over the retained rows alone, to repair the damage to their predictions.
/// </summary>
/// <remarks>D and its gradient are 0 while the copy equals its teacher, so the first pass over the forgotten rows hardly changes the copy.</remarks>
public sealed class Scrub : IAdjustableUnlearner
{
    /// <summary>T: temperature of the divergence, above 0. At 1, the divergence has hardly a gradient for rows of confidence near 1.</summary>
    /// <value>Default 4, as in the authors' experiments on membership; those on forgotten classes take 2.</value>
    public double Temperature { get; init => field = Option.Positive(value); } = 4;

    /// <summary>α: weight of the divergence over the retained rows, from 0.</summary>
    /// <value>Default 0.5.</value>
    public double DivergenceWeight { get; init => field = Option.NotNegative(value); } = 0.5;

    /// <summary>γ: weight of the retained rows' loss, from 0.</summary>
    /// <value>Default 1.</value>
    public double LossWeight { get; init => field = Option.NotNegative(value); } = 1;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 4.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 4;

    /// <summary>
    /// Number of passes over the retained rows that follow a pass over the forgotten rows, from 0. A number above <see cref="Epochs"/> means all.
    /// </summary>
    /// <value>Default 3.</value>
    public int DisobedientEpochs { get; init => field = Option.AtLeast(0, value); } = 3;

    /// <summary>
    /// Learning rate as a multiple of the recipe's, above 0. A high rate damages the retained rows' predictions more than the last passes repair.
    /// </summary>
    /// <value>Default 0.2.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.2;

    /// <summary>Largest norm of a step's gradient, above 0; a longer gradient is clipped to this norm. Infinity means no limit.</summary>
    /// <value>Default 5.</value>
    public double MaximumGradientNorm { get; init => field = Option.PositiveOrInfinite(value); } = 5;

    /// <inheritdoc/>
    public string Name => "SCRUB";

    /// <inheritdoc/>
    public string Specification => Invariant(
        $"scrub/2 temperature={Temperature:R} divergence={DivergenceWeight:R} loss={LossWeight:R} epochs={Epochs} disobedient={DisobedientEpochs} ")
        + Invariant($"rate={RelativeLearningRate:R} norm={MaximumGradientNorm:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "learning rate; beyond twice the recipe's, the epochs, disobedient ones included";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new Scrub
        {
            Temperature = Temperature, DivergenceWeight =
                DivergenceWeight, LossWeight = LossWeight, Epochs = epochs, RelativeLearningRate = rate, MaximumGradientNorm = MaximumGradientNorm,
            DisobedientEpochs = epochs == Epochs ? DisobedientEpochs : Strength.Times(DisobedientEpochs, epochs / (double)Epochs),
        };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken) { MaximumGradientNorm = MaximumGradientNorm };
        Pass disobey = new(run.Forgotten(), forgotten => -forgotten.DivergenceFrom(run.Target, Temperature));
        Pass obey = new(run.Retained,
            retained => retained.DivergenceFrom(run.Target, Temperature).Mul(DivergenceWeight).Add(retained.CrossEntropy().Mul(LossWeight)));
        run.Train(RelativeLearningRate, Enumerable.Range(0, Epochs).SelectMany(epoch => epoch < DisobedientEpochs ? [disobey, obey] : new[] { obey }));
        return run.Finish();
    }
}
