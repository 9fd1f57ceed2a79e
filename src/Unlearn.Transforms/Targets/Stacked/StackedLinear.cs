using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>W·x + b for each model, as batched matrix products.</summary>
/// <param name="parameters">W: K × outputs × inputs, and b: K × outputs, if there is one.</param>
internal sealed class StackedLinear(Parameter[] parameters) : StackedLayer
{
    private torch.Tensor? _input;

    public override IReadOnlyList<Parameter> Parameters => parameters;

    public override torch.Tensor Forward(torch.Tensor input)
    {
        _input = input;
        var weight = parameters[0].view(parameters[0].shape[0], parameters[0].shape[1], -1);
        var output = weight.bmm(input);
        return parameters.Length > 1 ? output.add_(parameters[1].unsqueeze(2)) : output;
    }

    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput)
    {
        var weight = parameters[0].view(parameters[0].shape[0], parameters[0].shape[1], -1);
        parameters[0].grad = gradient.bmm(_input!.transpose(1, 2)).view(parameters[0].shape);
        if (parameters.Length > 1)
            parameters[1].grad = gradient.sum(2);
        return withInput ? weight.transpose(1, 2).bmm(gradient) : gradient;
    }
}
