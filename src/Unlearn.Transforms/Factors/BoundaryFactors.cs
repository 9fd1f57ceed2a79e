using TorchSharp;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.Factors;

/// <summary>Factors of the distance from the row to the target's decision boundary.</summary>
internal static class BoundaryFactors
{
    /// <summary>The first step of DeepFool: Moosavi-Dezfooli, Fawzi and Frossard, arXiv 1511.04599.</summary>
    public static readonly IHardnessFactor BoundaryDistance = new Factor(nameof(BoundaryDistance), FactorTier.T1,
        "min_{k≠y} (f_y − f_k) / ‖∇_x (f_y − f_k)‖₂, any real number, negative when misclassified", Distance)
    {
        Requires = TargetCapabilities.InputGradients,
    };

    private const double SmallestGradient = 1e-12;

    private static torch.Tensor Distance(FactorBatch batch)
    {
        var classes = batch.Logits.shape[1];
        var gradients = Enumerable.Range(0, (int)classes).Select(k => GradientOfLogit(batch, k)).ToList();
        var index = batch.Labels.unsqueeze(1);
        var own = torch.stack(gradients, 1).gather(1, index.unsqueeze(2).expand(-1, -1, gradients[0].shape[1])).squeeze(1);
        var norms = torch.stack([.. gradients.Select(gradient => (own - gradient).square().sum(dim: 1).sqrt())], 1).clamp_min(SmallestGradient);
        var distances = (batch.Logits.gather(1, index) - batch.Logits) / norms;
        return distances.scatter(1, index, torch.full_like(index, float.PositiveInfinity, dtype: torch.ScalarType.Float32)).amin([1]);
    }

    private static torch.Tensor GradientOfLogit(FactorBatch batch, int k)
    {
        var unit = torch.zeros_like(batch.Logits);
        unit.select(1, k).fill_(1);
        return batch.Pass.InputGradients(unit);
    }
}
