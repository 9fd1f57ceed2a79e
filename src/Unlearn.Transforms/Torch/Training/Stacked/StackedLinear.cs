using System.Numerics.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>W·x + b for each model, as batched matrix products.</summary>
/// <param name="parameters">W: K × outputs × inputs, and b: K × outputs, if there is one.</param>
internal sealed class StackedLinear(Parameter[] parameters) : StackedLayer
{
    private torch.Tensor? _input;

    public override IReadOnlyList<Parameter> Parameters => parameters;

    public override torch.Tensor Forward(torch.Tensor input)
    {
        _input = input;
        var output = Weight.bmm(input);
        if (parameters.Length > 1)
        {
            var biases = FloatSpan.Of(parameters[1]);
            var values = FloatSpan.Of(output);
            var rows = (int)output.shape[2];
            for (var i = 0; i < biases.Length; i++)
            {
                var ofOutput = values.Slice(i * rows, rows);
                TensorPrimitives.Add(ofOutput, biases[i], ofOutput);
            }
        }
        return output;
    }

    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput)
    {
        parameters[0].grad = gradient.bmm(_input!.transpose(1, 2)).view(parameters[0].shape);
        if (parameters.Length > 1)
        {
            var ofBiases = torch.empty(parameters[1].shape);
            var sums = FloatSpan.Of(ofBiases);
            var values = FloatSpan.Of(gradient);
            var rows = (int)gradient.shape[2];
            for (var i = 0; i < sums.Length; i++)
                sums[i] = TensorPrimitives.Sum<float>(values.Slice(i * rows, rows));
            parameters[1].grad = ofBiases;
        }
        return withInput ? Weight.transpose(1, 2).bmm(gradient) : gradient;
    }

    private torch.Tensor Weight => parameters[0].view(parameters[0].shape[0], parameters[0].shape[1], -1);
}
