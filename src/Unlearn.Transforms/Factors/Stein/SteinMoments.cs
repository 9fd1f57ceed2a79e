using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Stein;

/// <summary>
/// What the kernelised Stein discrepancy with the linear kernel k(a,b) = d_aᵀd_b must know of the training rows.
/// With ∇_b k = d_a, ∇_a k = d_b and tr ∇_a∇_b k = P, the length of d:
/// κ(a,b) = s_aᵀs_b k + s_aᵀ∇_b k + s_bᵀ∇_a k + tr ∇_a∇_b k = (s_a·s_b)(d_a·d_b) + s_a·d_a + s_b·d_b + P. Hence
/// (1/n) Σ_b κ(a,b) = s_aᵀ M d_a + s_a·d_a + a constant, with the one matrix M = (1/n) Σ_b s_b d_bᵀ. A training row's own κ(a,a) is part of its sum.
/// </summary>
internal sealed class SteinMoments : ICheckedStatistic
{
    /// <summary>The largest P: its matrix takes a gigabyte.</summary>
    public const int LargestWidth = 16384;

    private const string Moments = "moments";

    private SteinMoments() { }

    public static SteinMoments Instance { get; } = new();

    public string Name => "Stein";

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        RequireWidth(training.Target.FeatureCount + training.Target.ClassCount);
        torch.Tensor? sum = null;
        foreach (var batch in training.Batches)
        {
            using var noGrad = torch.no_grad();
            var scores = Scores(batch);
            RequireWidth(scores.shape[1]);
            sum ??= torch.zeros(scores.shape[1], scores.shape[1]).DetachFromDisposeScope();
            sum.addmm_(scores.t(), Data(batch), 1, 1);
        }
        return new Dictionary<string, torch.Tensor> { [Moments] = sum!.DivInPlace(training.RowCount) };
    }

    public void Check(SavedState state, FactorBatch probe)
    {
        var width = Scores(probe).shape[1];
        state.Numbers(Moments, width, width);
    }

    /// <summary>s_aᵀ M d_a + s_a·d_a of each row.</summary>
    public torch.Tensor Marginals(FactorBatch batch)
    {
        var scores = Scores(batch);
        return (scores.matmul(batch.State(this)[Moments]).Add(scores) * Data(batch)).sum(dim: 1);
    }

    private static torch.Tensor Scores(FactorBatch batch) => torch.cat([batch.LossInputGradients.neg(), batch.LogProbabilities.exp()], 1);

    // x is what the gradients are taken of: the features, or the embeddings of tokens.
    private static torch.Tensor Data(FactorBatch batch)
    {
        var width = batch.LossInputGradients.shape[1];
        return torch.cat(
            [batch.Pass.Inputs.cpu().reshape(batch.Count, width), torch.nn.functional.one_hot(batch.Labels, batch.Logits.shape[1]).to(torch.float32)], 1);
    }

    private static void RequireWidth(long width)
    {
        if (width > LargestWidth)
            throw new NotSupportedException(Invariant(
                $"SteinMarginal keeps a square matrix as wide as features and classes together, {width:N0}, and more than {LargestWidth:N0} would not fit ")
                + Invariant($"into memory: leave SteinMarginal out of the factors; SteinScoreNorm has no such limit."));
    }
}
