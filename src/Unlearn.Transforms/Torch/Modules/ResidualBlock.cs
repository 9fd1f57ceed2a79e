using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Modules;

/// <summary>
/// The basic block of a residual network (He et al., arXiv 1512.03385, section 4.2): two 3 × 3 convolutions around which the input is passed on.
/// </summary>
internal sealed class ResidualBlock : Module<torch.Tensor, torch.Tensor>
{
    private readonly Conv2d conv1;
    private readonly Conv2d conv2;
    private readonly HeldBatchNorm2d norm1;
    private readonly HeldBatchNorm2d norm2;
    private readonly Sequential? shortcut;

    public ResidualBlock(int inputs, int outputs, int stride) : base(nameof(ResidualBlock))
    {
        conv1 = ReadyMadeModules.Convolution(inputs, outputs, 3, stride, padding: 1, bias: false);
        norm1 = new HeldBatchNorm2d(outputs);
        conv2 = ReadyMadeModules.Convolution(outputs, outputs, 3, padding: 1, bias: false);
        norm2 = new HeldBatchNorm2d(outputs);
        if (stride != 1 || inputs != outputs)
            shortcut = Sequential(("conv", ReadyMadeModules.Convolution(inputs, outputs, 1, stride, bias: false)), ("norm", new HeldBatchNorm2d(outputs)));
        RegisterComponents();
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var hidden = functional.relu(norm1.call(conv1.call(input)));
        var output = norm2.call(conv2.call(hidden)).Add(shortcut?.call(input) ?? input);
        return functional.relu(output).MoveToOuterDisposeScope();
    }
}
