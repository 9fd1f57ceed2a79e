using TorchSharp;
using Unlearn.Transforms.Torch.Modules;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>
/// Runs a network and hands out per-row gradients of its layers, from one forward and one backward pass over a batch.
/// It reads the input and the output gradient of every layer through forward hooks. Several threads may use it at once.
/// </summary>
internal sealed class PerSampleModule
{
    [ThreadStatic]
    private static List<ObservedCall>? s_calls;

    [ThreadStatic]
    private static bool s_copiesOutputs;

    private readonly TorchNetwork _network;
    private readonly IReadOnlyList<ObservedLayer> _layers;
    private readonly Lazy<SamplingCheck> _check;

    /// <summary>Attaches to a network, which nobody else may run while a pass of this object is under way on the same thread.</summary>
    public PerSampleModule(TorchNetwork network)
    {
        _network = network;
        _layers = [.. LayerSamplers.Of(network.Module).Select(layer => layer with { Training = TrainingOf(layer, network.Frozen) })];
        _check = new(() => SamplingCheck.Run(network, _layers, (features, copiesOutputs) => Run(features, withGradients: true, copiesOutputs)));
        FirstConvolution.Watch(network.Module);
        foreach (var layer in _layers)
            layer.Sampler?.Observe((inputs, output) => Observe(layer, inputs, output));
    }

    /// <summary>Layers for which per-row gradients cannot be read from a pass. Factors that need these gradients go row by row, or throw.</summary>
    public IReadOnlyList<UnsupportedLayer> Unsupported => _check.Value.Unsupported;

    /// <summary>Forward pass, with a gradient graph if asked for; all tensors belong to the caller's dispose scope.</summary>
    public PerSamplePass Forward(torch.Tensor features, bool withGradients) =>
        Run(features, withGradients, copiesOutputs: withGradients && _check.Value.CopiesOutputs);

    private static LayerTraining TrainingOf(ObservedLayer layer, IReadOnlySet<string> frozen)
    {
        var prefix = layer.Name == LayerSamplers.Root ? "" : $"{layer.Name}.";
        var areFrozen = layer.Module.named_parameters(recurse: false).Select(parameter => frozen.Contains(prefix + parameter.name)).Distinct().ToList();
        return areFrozen.Count > 1 ? LayerTraining.Some : areFrozen[0] ? LayerTraining.None : LayerTraining.All;
    }

    private PerSamplePass Run(torch.Tensor features, bool withGradients, bool copiesOutputs)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = withGradients ? torch.enable_grad() : torch.no_grad();
        var leaf = features.detach().to(_network.Device, copy: true).requires_grad_(withGradients);
        var calls = s_calls = [];
        s_copiesOutputs = copiesOutputs;
        var first = withGradients ? FirstConvolution.Begin(leaf) : null;
        try
        {
            var logits = _network.Forward(leaf);
            scope.Attach(calls.SelectMany(call => call.Inputs.Append(call.Output)).OfType<torch.Tensor>().Concat(first?.Tensors ?? []));
            scope.MoveToOuter(scope.DisposablesView.ToList());
            return new PerSamplePass(leaf, logits, calls, first);
        }
        finally
        {
            s_calls = null;
            FirstConvolution.End();
        }
    }

    // A Sequential disposes what flows between its layers, and a module may have a dispose scope of its own: keep aliases, and pass an alias on.
    // Parameters are frozen: where the input has no graph either, the graph begins here, at a leaf, which nothing may change in place.
    private static torch.Tensor Observe(ObservedLayer layer, IReadOnlyList<torch.Tensor?> inputs, torch.Tensor output)
    {
        if (s_calls is not { } calls || !(layer.IsLinear || torch.is_grad_enabled()))
            return output;
        var begins = torch.is_grad_enabled() && !output.requires_grad;
        if (begins)
            output.requires_grad_(true);
        calls.Add(new(layer, [.. inputs.Select(input => input?.detach().DetachFromDisposeScope())], output.DetachFromDisposeScope()));
        return s_copiesOutputs || begins ? output.clone() : output.alias();
    }
}
