using TorchSharp;
using TorchSharp.Modules;
using Layer = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>
/// One layer of K models at once. Values flow as K × values × rows, since operations over a short last dimension are slow. A layer works out its own
/// gradients: that takes fewer operations, and less memory, than a graph. What it keeps for that belongs to the dispose scope of the step.
/// </summary>
internal abstract class StackedLayer
{
    /// <summary>The layer's parameters. Each tensor holds the values of one model after another.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Computes the outputs.</summary>
    /// <param name="input">K × values × rows.</param>
    public abstract torch.Tensor Forward(torch.Tensor input);

    /// <summary>Sets the gradients of the parameters.</summary>
    /// <param name="gradient">Gradient of the outputs of the last forward pass; it may be overwritten.</param>
    /// <param name="withInput">Whether the gradient of the inputs is asked for.</param>
    /// <returns>Gradient of the inputs; anything if it is not asked for.</returns>
    public abstract torch.Tensor Backward(torch.Tensor gradient, bool withInput);

    public static bool IsKnown(Layer layer) => layer is Linear or ReLU or Flatten or TokenAverage
        || layer is Conv2d convolution && convolution.groups == 1 && convolution.padding is not null && convolution.padding_mode == PaddingModes.Zeros;

    /// <summary>Stacks one layer of all models.</summary>
    /// <param name="layers">The layer of each model.</param>
    /// <param name="shape">Shape of one row's input; afterwards, the shape of its output.</param>
    public static StackedLayer Create(IReadOnlyList<Layer> layers, ref IReadOnlyList<long> shape)
    {
        switch (layers[0])
        {
            case Linear:
                return new StackedLinear(Stack(layers));
            case Conv2d convolution:
                var geometry = new ImagePatches(convolution, shape);
                shape = [convolution.out_channels, geometry.Height, geometry.Width];
                return new StackedConvolution(Stack(layers), geometry);
            case TokenAverage:
                return new StackedTokenAverage(Stack(layers)[0]);
            case ReLU:
                return new StackedRelu();
            case Flatten:
                return new StackedFlatten();
            case var layer:
                throw new ArgumentException($"Layers of type {layer.GetType().Name} are not stacked.");
        }
    }

    /// <summary>A layer's parameters: the weight first, and the bias if it has one.</summary>
    public static List<Parameter> ParametersOf(Layer layer) =>
        [.. layer.named_parameters().OrderBy(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)).Select(parameter => parameter.parameter)];

    private static Parameter[] Stack(IReadOnlyList<Layer> layers)
    {
        using var noGrad = torch.no_grad();
        var ofModels = layers.Select(ParametersOf).ToList();
        return [.. Enumerable.Range(0, ofModels[0].Count).Select(i => new Parameter(torch.stack([.. ofModels.Select(parameters => parameters[i].detach())])))];
    }
}
