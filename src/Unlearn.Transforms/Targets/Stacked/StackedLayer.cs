using TorchSharp;
using TorchSharp.Modules;
using Layer = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>
/// One layer of K models at once. Values flow as K × rows × the shape that one model's have, but for vectors: K × values × rows, since operations over a
/// short last dimension are slow.
/// </summary>
internal abstract class StackedLayer
{
    /// <summary>The layer's parameters, those of one model after those of another in each.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Whether its input are vectors.</summary>
    public virtual bool TakesVectors => false;

    public abstract torch.Tensor Forward(torch.Tensor input);

    public static bool IsKnown(Layer layer) => layer is Linear or ReLU or Flatten or TokenAverage
        || (layer is Conv2d convolution && convolution.groups == 1 && convolution.padding is not null && convolution.padding_mode == PaddingModes.Zeros);

    public static StackedLayer Create(IReadOnlyList<Layer> layers) => layers[0] switch
    {
        Linear => new StackedLinear(Stack(layers)),
        Conv2d convolution => new StackedConvolution(Stack(layers), convolution),
        TokenAverage => new StackedTokenAverage(Stack(layers)),
        ReLU => new Elementwise(input => torch.nn.functional.relu(input)),
        Flatten => new Elementwise(input => input.flatten(2).transpose(1, 2)),
        var layer => throw new ArgumentException($"Layers of type {layer.GetType().Name} are not stacked."),
    };

    /// <summary>A layer's parameters: the weight first, and the bias if it has one.</summary>
    public static List<Parameter> ParametersOf(Layer layer) =>
        [.. layer.named_parameters().OrderBy(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)).Select(parameter => parameter.parameter)];

    private static Parameter[] Stack(IReadOnlyList<Layer> layers)
    {
        using var noGrad = torch.no_grad();
        var ofModels = layers.Select(ParametersOf).ToList();
        return [.. Enumerable.Range(0, ofModels[0].Count).Select(i =>
        {
            var stacked = new Parameter(torch.stack([.. ofModels.Select(parameters => parameters[i].detach())]));
            stacked.DetachFromDisposeScope();
            return stacked;
        })];
    }

    private sealed class Elementwise(Func<torch.Tensor, torch.Tensor> function) : StackedLayer
    {
        public override torch.Tensor Forward(torch.Tensor input) => function(input);
    }

    private sealed class StackedLinear(Parameter[] parameters) : StackedLayer
    {
        public override bool TakesVectors => true;

        public override IReadOnlyList<Parameter> Parameters => parameters;

        public override torch.Tensor Forward(torch.Tensor input)
        {
            var output = parameters[0].bmm(input);
            return parameters.Length > 1 ? output + parameters[1].unsqueeze(2) : output;
        }
    }

    private sealed class StackedConvolution(Parameter[] parameters, Conv2d one) : StackedLayer
    {
        public override IReadOnlyList<Parameter> Parameters => parameters;

        public override torch.Tensor Forward(torch.Tensor input)
        {
            long models = input.shape[0], rows = input.shape[1];
            var grouped = input.transpose(0, 1).flatten(1, 2);
            var output = torch.nn.functional.conv2d(grouped, parameters[0].flatten(0, 1), parameters.Length > 1 ? parameters[1].flatten() : null, one.stride, one.padding, one.dilation, groups: models);
            return output.reshape(rows, models, -1, output.shape[2], output.shape[3]).transpose(0, 1);
        }
    }

    // One table of K × tokens rows: the gradient of an embedding layer is much cheaper than that of an indexed tensor.
    private sealed class StackedTokenAverage : StackedLayer
    {
        private readonly Embedding _table;
        private readonly long _vocabulary;

        public StackedTokenAverage(Parameter[] parameters)
        {
            _vocabulary = parameters[0].shape[1];
            _table = torch.nn.Embedding(1, 1);
            _table.weight = new Parameter(parameters[0].detach().flatten(0, 1).clone());
            _table.weight.DetachFromDisposeScope();
            parameters[0].Dispose();
        }

        public override IReadOnlyList<Parameter> Parameters => [_table.weight!];

        public override torch.Tensor Forward(torch.Tensor input)
        {
            var tokens = input.to(torch.ScalarType.Int64);
            var offsets = (torch.arange(input.shape[0], device: input.device) * _vocabulary).reshape(-1, 1, 1);
            return TokenAverage.Average(_table.call(tokens + offsets), tokens).transpose(1, 2);
        }
    }
}
