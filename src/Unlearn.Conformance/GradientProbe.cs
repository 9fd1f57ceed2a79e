using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>A factor that notes the per-row gradients of the loss which it is given.</summary>
internal sealed class GradientProbe : IHardnessFactor
{
    /// <summary>For each row, by the name of the layer, the gradients of its parameters.</summary>
    public List<Dictionary<string, float[]>> Gradients { get; } = [];

    public string Name => "GradientProbe";

    public FactorTier Tier => FactorTier.T1;

    public string Formula => "0";

    public string Cost => "1 forward, 1 backward";

    public string Source => "conformance";

    public TargetCapabilities Requires => TargetCapabilities.ParameterGradients;

    public bool NeedsLabel => true;

    public bool NeedsRowId => false;

    public IFactorStatistic? Statistic => null;

    public torch.Tensor Compute(FactorBatch batch)
    {
        var layers = batch.ParameterGradients(batch.LossLogitGradients);
        for (var row = 0; row < batch.Labels.shape[0]; row++)
            Gradients.Add(layers.ToDictionary(layer => layer.Key, layer => layer.Value[row].data<float>().ToArray(), StringComparer.Ordinal));
        return torch.zeros(batch.Labels.shape[0]);
    }
}
