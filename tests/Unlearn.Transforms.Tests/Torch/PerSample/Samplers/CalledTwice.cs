using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

/// <summary>A layer that is called on its own output, whose shape is that of its input, and a linear output.</summary>
internal sealed class CalledTwice : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> shared;
    private readonly Module<Tensor, Tensor> output;

    public CalledTwice(Module<Tensor, Tensor> shared, Module<Tensor, Tensor> output) : base(nameof(CalledTwice))
    {
        this.shared = shared;
        this.output = output;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => output.call(shared.call(shared.call(input).tanh()).tanh().flatten(1));
}
