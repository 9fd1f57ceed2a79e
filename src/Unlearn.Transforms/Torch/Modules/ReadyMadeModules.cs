using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Modules;

internal static class ReadyMadeModules
{
    public static Module<torch.Tensor, torch.Tensor> Mlp(int featureCount, int classCount, IReadOnlyList<int> hidden) =>
        Sequential(MlpLayers(featureCount, classCount, hidden));

    private static List<(string, Module<torch.Tensor, torch.Tensor>)> MlpLayers(int featureCount, int classCount, IReadOnlyList<int> hidden)
    {
        List<(string, Module<torch.Tensor, torch.Tensor>)> layers = [];
        var inputs = featureCount;
        for (var layer = 0; layer < hidden.Count; layer++)
        {
            layers.Add(($"hidden{layer + 1}", Linear(inputs, hidden[layer])));
            layers.Add(($"relu{layer + 1}", ReLU()));
            inputs = hidden[layer];
        }
        layers.Add(("output", Linear(inputs, classCount)));
        return layers;
    }

    // Strides instead of max-pooling: on a CPU, pooling takes three quarters of the time of a network this small.
    public static Module<torch.Tensor, torch.Tensor> SmallCnn(int channels, int height, int width, int classCount, IReadOnlyList<int> widths) => Sequential(
        ("conv1", Convolution(channels, widths[0], 3, stride: 2, padding: 1)),
        ("relu1", ReLU()),
        ("conv2", Convolution(widths[0], widths[1], 3, stride: 2, padding: 1)),
        ("relu2", ReLU()),
        ("flatten", Flatten()),
        ("hidden", Linear(widths[1] * ((height + 3) / 4) * ((width + 3) / 4), widths[2])),
        ("relu3", ReLU()),
        ("output", Linear(widths[2], classCount)));

    /// <summary>A convolution without what TorchSharp leaves to the finalizer when it draws the parameters.</summary>
    public static TorchSharp.Modules.Conv2d Convolution(long inputs, long outputs, long size, long stride = 1, long padding = 0, bool bias = true)
    {
        using var scope = torch.NewDisposeScope();
        var convolution = Conv2d(inputs, outputs, size, stride, padding, bias: bias);
        scope.Detach(convolution.parameters());
        return convolution;
    }

    public static Module<torch.Tensor, torch.Tensor> BagOfTokens(int vocabularySize, int dimensions, int classCount, IReadOnlyList<int> hidden) =>
        Sequential([("tokens", new TokenAverage(vocabularySize, dimensions)), .. MlpLayers(dimensions, classCount, hidden)]);

    /// <summary>Small images keep their size in the first layer; from 65 pixels on it is halved twice, as for ImageNet.</summary>
    public static Module<torch.Tensor, torch.Tensor> ResNet18(int channels, int height, int width, int classCount, IReadOnlyList<int> widths)
    {
        List<(string, Module<torch.Tensor, torch.Tensor>)> layers = Math.Max(height, width) <= 64
            ? [("conv", Convolution(channels, widths[0], 3, padding: 1, bias: false)), ("norm", new HeldBatchNorm2d(widths[0])), ("relu", ReLU())]
            : [("conv", Convolution(channels, widths[0], 7, 2, padding: 3, bias: false)), ("norm", new HeldBatchNorm2d(widths[0])), ("relu", ReLU()), (
                "pool", MaxPool2d(3, 2, padding: 1))];
        var inputs = widths[0];
        for (var stage = 0; stage < widths.Count; stage++)
        {
            layers.Add(($"stage{stage + 1}a", new ResidualBlock(inputs, widths[stage], stage == 0 ? 1 : 2)));
            layers.Add(($"stage{stage + 1}b", new ResidualBlock(widths[stage], widths[stage], 1)));
            inputs = widths[stage];
        }
        layers.Add(("average", AdaptiveAvgPool2d(1)));
        layers.Add(("flatten", Flatten()));
        layers.Add(("output", Linear(inputs, classCount)));
        return Sequential(layers);
    }
}
