using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>A sampler that a user registered for a layer of one's own.</summary>
internal sealed class OwnSampler<TLayer>(TLayer layer, Func<TLayer, torch.Tensor, torch.Tensor, IReadOnlyDictionary<string, torch.Tensor>> gradients)
    : LayerSampler<TLayer>(layer)
    where TLayer : Module<torch.Tensor, torch.Tensor>
{
    public override LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls) =>
        new ElementwiseGradient(name, calls.Select(call => Gradient(call, rows)).Sum());

    private torch.Tensor Gradient(LayerCall call, long rows)
    {
        using var noGrad = torch.no_grad();
        var given = gradients(Layer, call.Input, call.OutputGradient);
        var parameters = Layer.named_parameters(recurse: false).ToList();
        if (given.Keys.Except(parameters.Select(parameter => parameter.name)).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException($"The sampler of {typeof(TLayer).Name} gives a gradient for '{unknown}', "
                + $"but the layer has the parameters {string.Join(", ", parameters.Select(parameter => $"'{parameter.name}'"))}.");
        return torch.cat([.. parameters.Select(parameter => Checked(parameter.name, parameter.parameter.shape))], 1);

        torch.Tensor Checked(string parameter, long[] shape)
        {
            if (!given.TryGetValue(parameter, out var gradient))
                throw new InvalidOperationException($"The sampler of {typeof(TLayer).Name} gives no gradient for the parameter '{parameter}'.");
            if (!gradient.shape.SequenceEqual([rows, .. shape]))
                throw new InvalidOperationException($"The sampler of {typeof(TLayer).Name} gives a gradient of shape [{string.Join(", ", gradient.shape)}] for "
                    + $"the parameter '{parameter}': rows × its shape are [{string.Join(", ", [rows, .. shape])}].");
            return gradient.reshape(rows, rows == 0 ? shape.Aggregate(1L, (product, size) => product * size) : gradient.numel() / rows);
        }
    }
}
