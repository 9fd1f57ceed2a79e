using TorchSharp;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>max(x, 0).</summary>
internal sealed class StackedRelu : StackedLayer
{
    private torch.Tensor? _output;

    public override torch.Tensor Forward(torch.Tensor input) => _output = input.relu().contiguous();

    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput)
    {
        gradient = gradient.contiguous();
        FloatSpan.ClearWhereZero(FloatSpan.Of(gradient), FloatSpan.Of(_output!));
        return gradient;
    }
}
