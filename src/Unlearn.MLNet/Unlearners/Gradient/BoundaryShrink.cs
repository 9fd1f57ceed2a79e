using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;
using static TorchSharp.torch.nn;

namespace Unlearn.MLNet;

/// <summary>
/// BS, boundary shrink (Chen et al., arXiv 2303.11570): trains the target on the rows to forget alone, each with its nearest wrong class. This is the
/// most probable class but its own at x + ε·sign(∇_x ℓ(x, y)), one step of the fast gradient sign method from the row x. No other row is used.
/// </summary>
/// <remarks>
/// The features must be numbers between which a step makes sense. Networks of tokens are refused: between the ids of two tokens there is nothing.
/// </remarks>
public sealed class BoundaryShrink : IAdjustableUnlearner
{
    private const int RowsAtOnce = 256;

    /// <summary>ε in every feature, as a multiple of the standard deviation of all features of all rows; above 0.</summary>
    /// <value>Default 0.3, near the authors' 0.1 for pixels between 0 and 1.</value>
    public double RelativeBound { get; init => field = Option.Positive(value); } = 0.3;

    /// <summary>Passes over the rows to forget, from 1.</summary>
    /// <value>Default 5.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 5;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.1.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.1;

    /// <inheritdoc/>
    public string Name => "BS";

    /// <inheritdoc/>
    public string Specification => Invariant($"boundary-shrink/1 bound={RelativeBound:R} epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new BoundaryShrink { RelativeBound = RelativeBound, Epochs = epochs, RelativeLearningRate = rate };
    }

    /// <summary>Unlearns the rows of a request; see <see cref="IUnlearner.Unlearn"/>.</summary>
    /// <exception cref="ArgumentException">The logits have no gradient with respect to the features, as with token ids.</exception>
    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        var classes = NearestWrongClasses(run);
        run.Train(RelativeLearningRate, new Pass(run.Forgotten(), forgotten => forgotten.CrossEntropy(position => classes[position])).Times(Epochs));
        return run.Finish();
    }

    private Dictionary<int, long> NearestWrongClasses(UnlearningRun run)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = torch.enable_grad();
        var rows = run.Request.Rows;
        var bound = RelativeBound * DeviationOf(rows.Values);
        Dictionary<int, long> classes = [];
        foreach (var chunk in run.Request.Forget.Chunk(RowsAtOnce))
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            using var chunkScope = torch.NewDisposeScope();
            var at = torch.tensor(Array.ConvertAll(chunk, position => (long)position));
            var features = rows.SelectFeatures(at).to(run.Model.Device).detach().requires_grad_();
            var labels = rows.Labels.index_select(0, at).to(run.Model.Device);
            var own = labels.unsqueeze(1);
            var loss = functional.cross_entropy(run.Target.Forward(features), labels, reduction: Reduction.Sum);
            var gradient = loss.requires_grad ? torch.autograd.grad([loss], [features], allow_unused: true)[0] : null;
            if (gradient is null || gradient.IsInvalid)
                throw new ArgumentException(
                    $"{Name} steps from the features across the boundary, but the logits of architecture '{run.Target.Architecture.Name}' have no gradient "
                    + "there, as with tokens, between which there is nothing: use RL or DELETE.");
            var logits = run.Target.Forward(features.detach().Add(gradient.sign().Mul(bound))).detach();
            if (!logits.isfinite().all().item<bool>())
                throw new TrainingDivergedException($"{Name} cannot unlearn from a target whose logits are not finite. {UnlearningRun.Remedy}");
            var nearest =
                logits.scatter(1, own, own.FullLike(float.NegativeInfinity, dtype: torch.ScalarType.Float32)).argmax(1).data<long>().ToArray();
            foreach (var (position, nearestClass) in chunk.Zip(nearest))
                classes[position] = nearestClass;
        }
        return classes;
    }

    // Of all values of all rows, block by block (Chan, Golub and LeVeque 1979); in float32, as Torch gives it.
    internal static float DeviationOf(IRowValues rows)
    {
        var (count, mean, squares) = (0.0, 0.0, 0.0);
        foreach (var (_, inBlock, values) in rows.Blocks())
        {
            var block = values.AsSpan(0, inBlock * rows.Width);
            var (ofBlock, around) = (0.0, 0.0);
            foreach (var value in block)
                ofBlock += value;
            ofBlock /= block.Length;
            foreach (var value in block)
                around += (value - ofBlock) * (value - ofBlock);
            var (all, distance) = (count + block.Length, ofBlock - mean);
            squares += around + distance * distance * count * block.Length / all;
            mean += distance * block.Length / all;
            count = all;
        }
        return (float)Math.Sqrt(squares / count);
    }
}
