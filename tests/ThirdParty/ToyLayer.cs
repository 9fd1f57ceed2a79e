using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace ThirdParty;

/// <summary>A layer made of a known one: a linear map with a skip, for <c>TorchArchitecture.Custom</c>.</summary>
public sealed class ToyLayer : Module<torch.Tensor, torch.Tensor>
{
    private readonly Linear _map;

    public ToyLayer(int width)
        : base(nameof(ToyLayer))
    {
        _map = Linear(width, width);
        RegisterComponents();
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        return (input + _map.call(input).tanh()).MoveToOuterDisposeScope();
    }
}
