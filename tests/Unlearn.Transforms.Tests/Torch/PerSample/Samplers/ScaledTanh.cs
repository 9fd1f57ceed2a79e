using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

// <layer>
/// <summary>tanh(s ∘ x), with a scale s for each feature.</summary>
public sealed class ScaledTanh : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Parameter scale;

    static ScaledTanh() => LayerSamplers.Register<ScaledTanh>((layer, input, gradient) => new Dictionary<string, torch.Tensor>
    {
        ["scale"] = gradient * (1 - layer.forward(input).square()) * input,
    });

    public ScaledTanh(int width) : base(nameof(ScaledTanh))
    {
        scale = new Parameter(torch.ones(width));
        RegisterComponents();
    }

    public override torch.Tensor forward(torch.Tensor input) => (input * scale).tanh();
}
// </layer>
