using TorchSharp;
using Unlearn.Transforms;

namespace ThirdParty;

/// <summary>A black box: the nearest class mean.</summary>
public sealed class ToyTarget(float[] means, int classCount, int featureCount) : ITarget
{
    public int ClassCount => classCount;

    public int FeatureCount => featureCount;

    public TargetCapabilities Capabilities => TargetCapabilities.Logits;

    public torch.Tensor Logits(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var centers = torch.tensor(means, [1, classCount, featureCount]);
        return (features.unsqueeze(1) - centers).square().sum(2).neg().MoveToOuterDisposeScope();
    }

    public torch.Tensor Embed(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = torch.NewDisposeScope();
        return features.detach().clone().MoveToOuterDisposeScope();
    }

    public ITarget Clone() => new ToyTarget(means, classCount, featureCount);

    public void Dispose()
    {
    }
}
