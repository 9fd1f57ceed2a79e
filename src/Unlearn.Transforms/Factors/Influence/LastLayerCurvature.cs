using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Influence;

/// <summary>
/// The Gauss-Newton matrix of the output layer f = W φ + b under cross-entropy: H = (1/n) Σ_n (diag(p) − p pᵀ) ⊗ [φ;1][φ;1]ᵀ.
/// It is exact, and where it is too large, reduced to its blocks of one class each.
/// </summary>
internal sealed class LastLayerCurvature : ICheckedStatistic
{
    /// <summary>λ, relative to the mean eigenvalue.</summary>
    public const double RelativeDamping = 0.1;

    /// <summary>Up to this many parameters, the matrix is kept whole.</summary>
    public const long LargestWhole = 6000;

    private const long LargestState = 50_000_000;

    // Keeps a target without any curvature (fully saturated) finite.
    private const double SmallestDamping = 1e-12;

    private const string Whitening = "whitening";

    private LastLayerCurvature() { }

    public static LastLayerCurvature Instance { get; } = new();

    public string Name => "LastLayer";

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        torch.Tensor? sum = null;
        foreach (var batch in training.Batches)
        {
            using var noGrad = torch.no_grad();
            if (batch.PerSample is not null && !batch.Pass.EndsInLinear)
                throw new NotSupportedException("Leverage needs logits that come straight from a linear layer, but those of the target's module do not: "
                    + "leave Leverage out of the factors.");
            // 1 − p_y cancels in a saturated model: in double precision it does no harm.
            var probabilities = batch.Logits.to(torch.float64).log_softmax(1).exp();
            var inputs = Inputs(batch).to(torch.float64);
            sum ??= Zeros(training.Target.ClassCount, inputs.shape[1]).DetachFromDisposeScope();
            Add(sum, probabilities, inputs);
        }
        var hessian = sum!.DivInPlace(training.RowCount);
        var diagonal = hessian.diagonal(0, 1, 2);
        diagonal.AddInPlace(diagonal.mean().Mul(RelativeDamping).Add(SmallestDamping));
        var factor = torch.linalg.cholesky(hessian);
        hessian.Dispose();
        var identity = torch.eye(factor.shape[1], dtype: torch.float64).expand_as(factor);
        return new Dictionary<string, torch.Tensor> { [Whitening] = torch.linalg.solve_triangular(factor, identity, upper: false).to(torch.float32) };
    }

    public void Check(SavedState state, FactorBatch probe)
    {
        var (classes, width) = (probe.Target.ClassCount, Inputs(probe).shape[1]);
        var (blocks, size) = classes * width <= LargestWhole ? (1, classes * width) : (classes, width);
        state.Numbers(Whitening, blocks, size, size);
    }

    /// <summary>gᵀ(H + λI)⁻¹g of each row, for g = r ⊗ [φ;1].</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="logitGradients">r: rows × classes.</param>
    public torch.Tensor Leverages(FactorBatch batch, torch.Tensor logitGradients)
    {
        var whitening = batch.State(this)[Whitening];
        var gradients = Gradients(logitGradients, Inputs(batch), whitening.shape[0]);
        return gradients.bmm(whitening.transpose(1, 2)).Square().sum([0, 2]);
    }

    private static torch.Tensor Inputs(FactorBatch batch) => torch.cat([batch.Embeddings, torch.ones(batch.Count, 1)], 1);

    // Blocks × size × size: one block of all classes, or one of each.
    private static torch.Tensor Zeros(long classes, long width) => classes * width <= LargestWhole
        ? torch.zeros([1, classes * width, classes * width], torch.float64)
        : classes * width * width <= LargestState
        ? torch.zeros([classes, width, width], torch.float64)
        : throw new NotSupportedException(Invariant(
            $"Leverage keeps the Gauss-Newton matrix of the output layer, but with {classes} classes and {width - 1} embedding dimensions even its blocks of ")
            + Invariant($"one class each have {classes * width * width:N0} entries, more than {LargestState:N0}: leave Leverage out of the factors and take ")
            + Invariant($"SelfInfluence."));

    private static void Add(torch.Tensor sum, torch.Tensor probabilities, torch.Tensor inputs)
    {
        var blocks = sum.shape[0];
        var weighted = Gradients(probabilities, inputs, blocks);
        sum.sub_(weighted.transpose(1, 2).bmm(weighted));
        var (classes, width) = (probabilities.shape[1], inputs.shape[1]);
        var classesPerBlock = classes / blocks;
        for (var k = 0L; k < classes; k++)
        {
            var at = k % classesPerBlock * width;
            var ofClass = weighted[k / classesPerBlock].narrow(1, at, width);
            sum[k / classesPerBlock].narrow(0, at, width).narrow(1, at, width).AddInPlace(ofClass.t().matmul(inputs));
        }
    }

    // Blocks × rows × size.
    private static torch.Tensor Gradients(torch.Tensor ofLogits, torch.Tensor inputs, long blocks) =>
        (ofLogits.unsqueeze(2) * inputs.unsqueeze(1)).view(inputs.shape[0], blocks, ofLogits.shape[1] * inputs.shape[1] / blocks).transpose(0, 1);
}
