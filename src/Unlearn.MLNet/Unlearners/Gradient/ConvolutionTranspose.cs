using TorchSharp;
using TorchSharp.Modules;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// CT, a winner of the NeurIPS 2023 challenge and one of the two best of the 18 methods in Cadet et al., arXiv 2410.01276. It transposes the kernel
/// of every convolution, W[o, i, h, w] ← W[o, i, w, h]. This disturbs the network's memory of single images but keeps the statistics of its filters.
/// Then it fine-tunes the copy on the retained rows.
/// </summary>
public sealed class ConvolutionTranspose : IAdjustableUnlearner
{
    /// <summary>
    /// Share of each convolution's kernels that are transposed, between 0 and 1, drawn at random. A kernel belongs to one output and one input
    /// channel.
    /// </summary>
    /// <value>Default 1: all, as published.</value>
    public double TransposedShare { get; init => field = Option.Share(value); } = 1;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 5.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 5;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <inheritdoc/>
    public string Name => "CT";

    /// <inheritdoc/>
    public string Specification => Invariant($"convolution-transpose/1 transposed={TransposedShare:R} epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "share of the transposed kernels, by the square and up to all; " + Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new ConvolutionTranspose { TransposedShare = Math.Min(strength * strength * TransposedShare, 1), Epochs = epochs, RelativeLearningRate = rate };
    }

    /// <summary>Unlearns the rows of a request; see <see cref="IUnlearner.Unlearn"/>.</summary>
    /// <exception cref="ArgumentException">
    /// The target has no two-dimensional convolution with a kernel larger than 1 × 1, or it has a kernel that is not square.
    /// </exception>
    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        Transpose(run.Model, TransposedShare, request.Seed);
        run.Train(RelativeLearningRate, run.FineTuning(Epochs));
        return run.Finish();
    }

    /// <summary>Transposes a share of the kernels. A second call restores the kernels.</summary>
    internal static void Transpose(TorchTarget model, double share = 1, long seed = 0)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var kernels = model.Module
            .named_modules()
            .Where(child => child.module is Conv2d && !model.Frozen.Contains($"{child.name}.weight"))
            .Select(child => (child.name, ((Conv2d)child.module).weight))
            .ToList();
        if (kernels.Find(kernel => kernel.weight.shape[2] != kernel.weight.shape[3]) is { weight: not null } uneven)
            throw new ArgumentException($"CT needs square kernels, but convolution '{uneven.name}' of architecture '{model.Architecture.Name}' has one of "
                + $"{uneven.weight.shape[2]} × {uneven.weight.shape[3]}: use MSG.");
        if (kernels.TrueForAll(kernel => kernel.weight.shape[2] == 1))
            throw new ArgumentException($"CT transposes the kernels of two-dimensional convolutions, but architecture '{model.Architecture.Name}' has none "
                + "larger than 1 × 1: use MSG, which works with any architecture.");
        var random = new SeededRandom(Seed.Derive(seed, "transposed kernels"));
        foreach (var (_, weight) in kernels)
            weight.copy_(torch.where(
                IsDrawn(weight.shape[0] * weight.shape[1]).reshape(weight.shape[0], weight.shape[1], 1, 1), weight.transpose(2, 3), weight));

        torch.Tensor IsDrawn(long kernels)
        {
            var isDrawn = new bool[kernels];
            Array.Fill(isDrawn, true, 0, (int)Math.Round(share * kernels));
            random.Shuffle<bool>(isDrawn);
            return torch.tensor(isDrawn).to(model.Device);
        }
    }
}
