using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms;
using static TorchSharp.torch.nn;

namespace ThirdParty;

/// <summary>A layer that owns its parameters, for <c>TorchArchitecture.Custom</c>: x + tanh(s ∘ x + b).</summary>
public sealed class ToyLayer : Module<torch.Tensor, torch.Tensor>
{
    private readonly Parameter scale;
    private readonly Parameter shift;

    static ToyLayer() => LayerSamplers.Register<ToyLayer>((layer, input, gradient) =>
    {
        var inner = gradient * (1 - layer.Inner(input).square());
        return new Dictionary<string, torch.Tensor> { [nameof(scale)] = inner * input, [nameof(shift)] = inner };
    });

    public ToyLayer(int width)
        : base(nameof(ToyLayer))
    {
        scale = Parameter(torch.ones(width));
        shift = Parameter(torch.zeros(width));
        RegisterComponents();
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        return (input + Inner(input)).MoveToOuterDisposeScope();
    }

    private torch.Tensor Inner(torch.Tensor input) => (input * scale + shift).tanh();
}
