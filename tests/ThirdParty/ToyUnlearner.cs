using Unlearn.MLNet;
using Unlearn.Transforms;

namespace ThirdParty;

/// <summary>Moves every parameter a little toward zero: it forgets everything alike.</summary>
public sealed class ToyUnlearner : IUnlearner
{
    public string Name => "Shrink";

    public string Specification => "shrink/1 0.9";

    public bool IsExact => false;

    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Target is not TorchTarget target)
            throw new ArgumentException("Shrink needs a Torch target.", nameof(request));
        using var module = target.CopyModule();
        using (TorchSharp.torch.no_grad())
            foreach (var parameter in module.parameters())
                parameter.mul_(0.9f);
        return new(TorchTarget.FromModule(target.Architecture, module, TorchDevice.Cpu, target.ClassNames));
    }
}
