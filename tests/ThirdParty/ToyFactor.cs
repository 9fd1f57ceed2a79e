using TorchSharp;
using Unlearn.Transforms;

namespace ThirdParty;

/// <summary>A factor of tier T1: ‖∇_θ ℓ‖² over ‖∇_x ℓ‖² + 1.</summary>
public sealed class ToyFactor : IHardnessFactor
{
    public string Name => "ToyRatio";

    public FactorTier Tier => FactorTier.T1;

    public string Formula => "‖∇_θ ℓ‖² / (‖∇_x ℓ‖² + 1), in [0, ∞)";

    public string Cost => "1 forward, 2 backward";

    public string Source => "a toy";

    public TargetCapabilities Requires => TargetCapabilities.ParameterGradients | TargetCapabilities.InputGradients;

    public bool NeedsLabel => true;

    public bool NeedsRowId => false;

    public IFactorStatistic? Statistic => null;

    public torch.Tensor Compute(FactorBatch batch) => batch.LossGradientSquaredNorms / (batch.InputGradients(batch.LossLogitGradients).square().sum(1) + 1);
}
