using TorchSharp;

namespace Unlearn.Transforms.Factors;

/// <summary>A ready-made factor.</summary>
internal sealed record Factor(string Name, FactorTier Tier, string Formula, Func<FactorBatch, torch.Tensor> Function) : IHardnessFactor
{
    public string Cost { get; init; } = "";

    public string Source { get; init; } = "";

    public string Family { get => field ?? Name; init; }

    public TargetCapabilities Requires { get; init; } = TargetCapabilities.Logits;

    public bool NeedsLabel { get; init; } = true;

    public bool NeedsRowId { get; init; }

    public bool NeedsGradientTrace { get; init; }

    public IFactorStatistic? Statistic { get; init; }

    public torch.Tensor Compute(FactorBatch batch) => Function(batch);
}
