using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Gradients;

/// <summary>ḡ: the mean gradient of the loss over the training rows, one vector per layer.</summary>
internal sealed class MeanGradient : ICheckedStatistic
{
    private MeanGradient() { }

    public static MeanGradient Instance { get; } = new();

    public string Name => "MeanGradient";

    public void Check(SavedState state, FactorBatch probe)
    {
        foreach (var layer in probe.LossGradients)
            state.Numbers(layer.Name, layer.Sum().shape);
    }

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        Dictionary<string, torch.Tensor> sums = [];
        foreach (var batch in training.Batches)
        {
            using var noGrad = torch.no_grad();
            batch.DemandSamplers(nameof(HardnessFactors.GradientAlignment));
            foreach (var layer in batch.LossGradients)
            {
                var sum = layer.Sum().cpu();
                if (sums.TryGetValue(layer.Name, out var before))
                    before.AddInPlace(sum);
                else
                    sums[layer.Name] = sum.DetachFromDisposeScope();
            }
        }
        foreach (var sum in sums.Values)
            sum.DivInPlace(training.RowCount);
        return sums;
    }
}
