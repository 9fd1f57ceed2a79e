using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Targets;

internal static class ReadyMadeModules
{
    public static Module<torch.Tensor, torch.Tensor> Mlp(int featureCount, int classCount, IReadOnlyList<int> hidden)
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
        return Sequential(layers);
    }

    public static Module<torch.Tensor, torch.Tensor> SmallCnn(int channels, int height, int width, int classCount, IReadOnlyList<int> widths) => Sequential(
        ("conv1", Conv2d(channels, widths[0], 3, padding: 1)),
        ("relu1", ReLU()),
        ("pool1", MaxPool2d(2)),
        ("conv2", Conv2d(widths[0], widths[1], 3, padding: 1)),
        ("relu2", ReLU()),
        ("pool2", MaxPool2d(2)),
        ("flatten", Flatten()),
        ("hidden", Linear(widths[1] * (height / 4) * (width / 4), widths[2])),
        ("relu3", ReLU()),
        ("output", Linear(widths[2], classCount)));
}
