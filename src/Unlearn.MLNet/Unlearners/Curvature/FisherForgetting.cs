using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// FF, Fisher forgetting (Golatkar et al., arXiv 1911.04933): adds Gaussian noise to the parameters, most where the retained rows need them least,
/// without any training: θ ← θ + (λσ²)^¼ F^(−¼) ⊙ ε. F is the diagonal of the Fisher matrix over the retained rows, with the expectation over the
/// target's own labels, and ε is standard normal.
/// </summary>
/// <remarks>
/// The constant is given relative to the target: (λσ²)^¼ = s · rms(θ) · mean(F)^¼, so that a parameter of mean importance gets noise of s times the
/// parameters' root mean square. The authors' code has F^(−½), bounds it from above and shares it along rows of a weight; here
/// <see cref="RelativeDamping"/> bounds it. The noise knows the forgotten rows only by their absence.
/// </remarks>
public sealed class FisherForgetting : IAdjustableUnlearner
{
    /// <summary>s: standard deviation of the noise on a parameter of mean importance, as a multiple of the parameters' root mean square; above 0.</summary>
    /// <value>Default 0.1.</value>
    public double NoiseScale { get; init => field = Option.Positive(value); } = 0.1;

    /// <summary>
    /// What is added to F, as a multiple of its mean, above 0: it bounds the noise where F is near 0. At 0.01, the noise is at most 3.2 times that of
    /// a parameter of mean importance.
    /// </summary>
    /// <value>Default 0.01.</value>
    public double RelativeDamping { get; init => field = Option.Positive(value); } = 0.01;

    /// <inheritdoc/>
    public string Name => "FF";

    /// <inheritdoc/>
    public string Specification => Invariant($"fisher-forgetting/1 noise={NoiseScale:R} damping={RelativeDamping:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "noise scale";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength) =>
        new FisherForgetting { NoiseScale = NoiseScale * Strength.Check(strength), RelativeDamping = RelativeDamping };

    /// <summary>Unlearns the rows of a request; see <see cref="IUnlearner.Unlearn"/>.</summary>
    /// <exception cref="ArgumentException">A layer has no per-row gradients.</exception>
    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        foreach (var (parameter, noise) in run.Parameters.Zip(Noise(run)))
            parameter.AddInPlace(noise);
        return run.Finish();
    }

    /// <summary>The noise: one tensor for each parameter.</summary>
    internal IReadOnlyList<torch.Tensor> Noise(UnlearningRun run)
    {
        var importances = PerRowGradients.FisherDiagonal(run, run.Request.Retained);
        var count = (double)run.Parameters.Sum(parameter => parameter.numel());
        var mean = importances.Sum(importance => importance.sum().item<float>()) / count;
        if (mean == 0)
            throw new ArgumentException($"{Name} shapes its noise by the Fisher matrix, which is 0: the target's probabilities on the retained rows are "
                + "exactly 0 or 1. Use NegGrad+ or RL.");
        var size = NoiseScale * Math.Sqrt(run.Parameters.Sum(parameter => parameter.Square().sum().item<float>()) / count);
        using var generator = new torch.Generator((ulong)Seed.Derive(run.Request.Seed, "noise"));
        return [.. importances.Select(importance =>
        {
            var normal = torch.randn(importance.shape, generator: generator).to(importance.device);
            return normal.Mul(size) * importance.Div(mean).Add(RelativeDamping).Pow(-0.25);
        })];
    }
}
