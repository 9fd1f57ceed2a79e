using TorchSharp;

namespace Unlearn.Transforms.Tests.Factors;

public sealed class LastLayerShare : IHardnessFactor
{
    public string Name => "LastLayerShare";

    public FactorTier Tier => FactorTier.T1;

    public string Formula => "share of the last layer in ‖∇_θ ℓ‖², in [0, 1]; 0 where the gradient vanishes";

    public string Cost => "1 forward, 2 backward";

    public string Source => "your paper";

    public string Family => "gradient sensitivity";

    public TargetCapabilities Requires => TargetCapabilities.ParameterGradients;

    public bool NeedsLabel => true;

    public bool NeedsRowId => false;

    public IFactorStatistic? Statistic => null;

    public torch.Tensor Compute(FactorBatch batch)
    {
        var all = batch.LossGradientSquaredNorms;
        var last = batch.ParameterGradients(batch.LossLogitGradients).Last().Value.square().sum(1);
        return (last / all.clamp_min(float.Epsilon)).clamp(0, 1);
    }
}
