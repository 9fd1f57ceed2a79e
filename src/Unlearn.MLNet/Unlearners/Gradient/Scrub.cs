using System.Globalization;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;

namespace Unlearn.MLNet;

/// <summary>
/// SCRUB (Kurmanji et al., arXiv 2302.09880, algorithm 1): the target is a teacher whom its copy obeys on the retained rows and disobeys on the forgotten ones.
/// Passes that step up the divergence D = KL(teacher ‖ copy) over the forgotten rows take turns with passes over the retained rows that step down
/// α·D + γ·ℓ; the last passes are of the second kind alone, to repair what the first kind broke.
/// </summary>
/// <remarks>D and its gradient are 0 where the copy still equals its teacher, so the very first pass over the forgotten rows hardly moves it.</remarks>
public sealed class Scrub : IUnlearner
{
    /// <summary>α: weight of the divergence over the retained rows, from 0.</summary>
    /// <value>Default 0.5.</value>
    public double DivergenceWeight { get; init => field = Option.NotNegative(value); } = 0.5;

    /// <summary>γ: weight of the retained rows' loss, from 0.</summary>
    /// <value>Default 1.</value>
    public double LossWeight { get; init => field = Option.NotNegative(value); } = 1;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 4.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 4;

    /// <summary>How many of them come after a pass over the forgotten rows, from 0; all of them if it is more than <see cref="Epochs"/>.</summary>
    /// <value>Default 3.</value>
    public int DisobedientEpochs { get; init => field = Option.AtLeast(0, value); } = 3;

    /// <summary>Learning rate as a multiple of the recipe's, above 0. With a high one it breaks more of the retained rows than its last passes repair.</summary>
    /// <value>Default 0.2.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.2;

    /// <summary>Largest norm of a step's gradient, above 0; a longer gradient is clipped to this norm. Infinity means no limit.</summary>
    /// <value>Default 5.</value>
    public double MaximumGradientNorm { get; init => field = Option.PositiveOrInfinite(value); } = 5;

    /// <inheritdoc/>
    public string Name => "SCRUB";

    /// <inheritdoc/>
    public string Specification => Invariant(
        $"scrub/1 divergence={DivergenceWeight:R} loss={LossWeight:R} epochs={Epochs} disobedient={DisobedientEpochs} rate={RelativeLearningRate:R} norm={MaximumGradientNorm:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken) { MaximumGradientNorm = MaximumGradientNorm };
        Pass disobey = new(run.Forgotten(), forgotten => -forgotten.DivergenceFrom(run.Target));
        Pass obey = new(run.Retained, retained => DivergenceWeight * retained.DivergenceFrom(run.Target) + LossWeight * retained.CrossEntropy());
        run.Train(RelativeLearningRate, Enumerable.Range(0, Epochs).SelectMany(epoch => epoch < DisobedientEpochs ? [disobey, obey] : new[] { obey }));
        return run.Finish();
    }
}
