using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Onnx;

/// <summary>Convolutions and poolings, up to where images become rows. What scales and shifts channels goes into the convolution before it.</summary>
/// <param name="graph">The model.</param>
/// <param name="size">Channels, height and width of the images that come in.</param>
/// <param name="scale">What their values are multiplied by, before anything else.</param>
/// <param name="shift">What is added to them then.</param>
/// <param name="layers">Gets the layers.</param>
internal sealed class OnnxImages(OnnxGraph graph, (long Channels, long Height, long Width) size, double scale, double shift, List<OnnxLayer> layers)
{
    private const long MostValues = 1 << 24;

    private (long Channels, long Height, long Width) _size = size;
    private double _scale = scale;
    private double _shift = shift;
    private Convolution? _convolution;

    private sealed record Convolution(double[] Weights, double[] Bias, long[] Shape, OnnxWindow Window, long Groups);

    /// <summary>Sizes of images, if these are some.</summary>
    /// <param name="shape">Sizes without the batch.</param>
    public static (long, long, long)? Sizes(IReadOnlyList<long> shape) => shape is [var channels, var height, var width]
        && channels is > 0 and <= MostValues && height is > 0 and <= MostValues && width is > 0 and <= MostValues
        && channels * height <= MostValues && channels * height * width <= MostValues ? (channels, height, width) : null;

    /// <exception cref="NotSupportedException">The operator is none for images.</exception>
    public void Add(OnnxNode node)
    {
        switch (node.Type)
        {
            case "Conv":
                AddConvolution(node);
                break;
            case "MaxPool" or "AveragePool":
                AddPooling(node);
                break;
            case "GlobalAveragePool":
                Flush(node.Type);
                layers.Add(new("average", "", () => AdaptiveAvgPool2d(1)));
                _size = (_size.Channels, 1, 1);
                break;
            case "Relu" or "Tanh" or "Sigmoid":
                Flush(node.Type);
                layers.Add(OnnxLayer.Activation(node.Type));
                break;
            case "BatchNormalization" when graph.Normalization(node) is var (factors, terms):
                Change(node.Type, factors, terms);
                break;
            case "Add" when (Channels(node, 1) ?? Channels(node, 0)) is { } terms:
                Change(node.Type, [1], terms);
                break;
            case "Sub" when Channels(node, 1) is { } terms:
                Change(node.Type, [1], [.. terms.Select(value => -value)]);
                break;
            case "Mul" when (Channels(node, 1) ?? Channels(node, 0)) is { } factors:
                Change(node.Type, factors, [0]);
                break;
            case "Div" when Channels(node, 1) is { } divisors:
                Change(node.Type, [.. divisors.Select(value => 1 / value)], [0]);
                break;
            default:
                throw new NotSupportedException(OnnxLayers.Refusal(node.Type, "has no equal among layers of images here"));
        }
    }

    /// <summary>Ends the images: their values become the numbers of a row.</summary>
    public void Flatten(string type)
    {
        Flush(type);
        layers.Add(new("flatten", "", () => torch.nn.Flatten()) { Outputs = (int)(_size.Channels * _size.Height * _size.Width) });
    }

    private void AddConvolution(OnnxNode node)
    {
        var (scale, shift) = (_scale, _shift);
        (_scale, _shift) = (1, 0);
        Flush(node.Type);
        var groups = node.Integer("group", 1);
        if (graph.Constant(node, 1) is not { Shape: [var outputs, var inner, var height, var width], Values.Length: > 0 } weights
            || groups < 1 || inner * groups != _size.Channels || outputs % groups != 0)
            throw new NotSupportedException(OnnxLayers.Refusal(node.Type, $"has no constant weights for {_size.Channels} channels"));
        var window = OnnxWindow.Read(node, [height, width]);
        if (shift != 0 && window.Padding != (0, 0))
            throw new NotSupportedException(OnnxLayers.Refusal(node.Type, "pads images that were shifted"));
        var bias = node.Inputs.Count > 2 && node.Inputs[2].Length > 0
            ? graph.Constant(node, 2)?.Values ?? throw new NotSupportedException(OnnxLayers.Refusal(node.Type, "has a bias that is no constant"))
            : new double[outputs];
        if (bias.Length != outputs)
            throw new NotSupportedException(OnnxLayers.Refusal(node.Type, $"has {bias.Length} numbers for {outputs} channels"));
        var each = (int)(inner * height * width);
        _convolution = new(
            [.. weights.Values.Select(value => value * scale)],
            [.. bias.Select((value, channel) => value + shift * weights.Values.AsSpan(channel * each, each).ToArray().Sum())],
            [outputs, inner, height, width], window, groups);
        Resize(node.Type, outputs, window);
    }

    private void AddPooling(OnnxNode node)
    {
        Flush(node.Type);
        var window = OnnxWindow.Read(node);
        var (kernel, stride, padding) = (window.Kernel, window.Stride, window.Padding);
        if (window.Dilation != (1, 1) || 2 * padding.Item1 > kernel.Item1 || 2 * padding.Item2 > kernel.Item2)
            throw new NotSupportedException(OnnxLayers.Refusal(node.Type, "has a window with holes, or a padding of more than half of it"));
        var countsPadding = node.Integer("count_include_pad", 0) != 0;
        layers.Add(node.Type == "MaxPool"
            ? new("maxpool", $"({window})", () => MaxPool2d(kernel, stride, padding))
            : new("avgpool", $"({window}{(countsPadding ? ",with-pad" : "")})", () => AvgPool2d(kernel, stride, padding, count_include_pad: countsPadding)));
        Resize(node.Type, _size.Channels, window);
    }

    private void Resize(string type, long channels, OnnxWindow window)
    {
        var (height, width) = window.Slide(_size.Height, _size.Width);
        _size = Sizes([channels, height, width])
            ?? throw new NotSupportedException(OnnxLayers.Refusal(type, $"leaves images of {channels} × {height} × {width} values"));
    }

    private void Change(string type, double[] factors, double[] terms)
    {
        if (_convolution is not { } convolution)
            throw new NotSupportedException(OnnxLayers.Refusal(type, "follows no convolution that it could go into"));
        var each = convolution.Weights.Length / convolution.Bias.Length;
        _convolution = convolution with
        {
            Weights = [.. convolution.Weights.Select((value, i) => value * At(factors, i / each))],
            Bias = [.. convolution.Bias.Select((value, channel) => value * At(factors, channel) + At(terms, channel))],
        };

        double At(double[] values, int channel) => values.Length == 1 ? values[0]
            : values.Length == convolution.Bias.Length ? values[channel]
            : throw new NotSupportedException(OnnxLayers.Refusal(type, $"has {values.Length} numbers for {convolution.Bias.Length} channels"));
    }

    private void Flush(string type)
    {
        if ((_scale, _shift) != (1, 0))
            throw new NotSupportedException(OnnxLayers.Refusal(type, "follows images that were scaled or shifted, with no convolution between"));
        if (_convolution is not var (weights, bias, shape, window, groups))
            return;
        _convolution = null;
        var (inputs, outputs) = (shape[1] * groups, shape[0]);
        var grouping = groups == 1 ? "" : $",groups={groups}";
        layers.Add(new("conv", $"({inputs},{outputs},{window}{grouping})", () =>
        {
            using var scope = torch.NewDisposeScope();
            var layer = Conv2d(inputs, outputs, window.Kernel, window.Stride, window.Padding, window.Dilation, groups: groups);
            scope.Detach(layer.parameters());
            return layer;
        })
        { Weights = weights, Bias = bias, Shape = shape });
    }

    // A constant with one number for all, or one for each channel.
    private double[]? Channels(OnnxNode node, int input) => graph.Constant(node, input) switch
    {
        { Values.Length: 1 } constant => constant.Values,
        { Shape: [.., var channels, 1, 1] } constant when channels == constant.Values.Length => constant.Values,
        _ => null,
    };
}
