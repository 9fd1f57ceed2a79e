using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>A convolution of each model: a linear layer on the patches of the images.</summary>
/// <param name="parameters">Weight: K × output channels × input channels × height × width, and bias: K × output channels, if there is one.</param>
/// <param name="patches">The patches.</param>
internal sealed class StackedConvolution(Parameter[] parameters, ImagePatches patches) : StackedLayer
{
    private readonly StackedLinear _linear = new(parameters);

    public override IReadOnlyList<Parameter> Parameters => parameters;

    public override torch.Tensor Forward(torch.Tensor input)
    {
        long models = input.shape[0], rows = input.shape[2];
        var ofPatches = _linear.Forward(patches.Read(input).view(models, patches.Values, -1));
        return ofPatches.view(models, -1, rows);
    }

    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput)
    {
        long models = gradient.shape[0], rows = gradient.shape[2];
        var ofPatches = _linear.Backward(gradient.view(models, -1, patches.Count * rows), withInput);
        return withInput ? patches.Add(ofPatches.view(models, -1, rows)) : gradient;
    }
}
