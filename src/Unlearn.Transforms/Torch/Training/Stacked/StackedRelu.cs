using System.Numerics.Tensors;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>max(x, 0), in place: no layer before it needs what it gave.</summary>
internal sealed class StackedRelu : StackedLayer
{
    private torch.Tensor? _output;

    public override torch.Tensor Forward(torch.Tensor input)
    {
        _output = input.contiguous();
        var values = FloatSpan.Of(_output);
        TensorPrimitives.Max(values, 0, values);
        return _output;
    }

    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput)
    {
        gradient = gradient.contiguous();
        FloatSpan.ClearWhereZero(FloatSpan.Of(gradient), FloatSpan.Of(_output!));
        return gradient;
    }
}
