using TorchSharp;
using Unlearn.Transforms.PerSample;

namespace Unlearn.Transforms.Factors;

/// <summary>ḡ: the mean gradient of the loss over the training rows, one matrix out × in per layer.</summary>
internal sealed class MeanGradient : IFactorStatistic
{
    private MeanGradient() { }

    public static MeanGradient Instance { get; } = new();

    public string Name => "MeanGradient";

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        Dictionary<string, torch.Tensor> sums = [];
        foreach (var batch in training.Batches)
        {
            using var noGrad = torch.no_grad();
            batch.DemandSamplers(nameof(HardnessFactors.GradientAlignment));
            foreach (var layer in batch.LossGradients)
            {
                var sum = layer.OutputGradients.flatten(0, 1).t().matmul(layer.Inputs.flatten(0, 1)).cpu();
                if (sums.TryGetValue(layer.Name, out var before))
                    before.add_(sum);
                else
                    sums[layer.Name] = sum.DetachFromDisposeScope();
            }
        }
        foreach (var sum in sums.Values)
            sum.div_(training.RowCount);
        return sums;
    }

    /// <summary>⟨G_n, M⟩ = Σ_t g_ntᵀ M a_nt of each row.</summary>
    public static torch.Tensor Product(LayerGradient layer, torch.Tensor mean) =>
        (layer.OutputGradients.matmul(mean.to(layer.Inputs.device)) * layer.Inputs).sum([1, 2]);
}
