using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.PerSample;

/// <summary>
/// Runs a target's module and hands out per-row gradients of its layers, from one forward and one backward pass over a batch.
/// It reads the input and the output gradient of every layer through forward hooks. Several threads may use it at once.
/// </summary>
internal sealed class PerSampleModule
{
    [ThreadStatic]
    private static List<(int Layer, torch.Tensor Input, torch.Tensor Output)>? s_calls;

    private readonly TorchTarget _target;
    private readonly IReadOnlyList<(string Name, torch.nn.Module Layer, LayerSampler? Sampler, string? Refusal)> _layers;

    /// <summary>Attaches to a target, which nobody else may run while a pass of this object is under way on the same thread.</summary>
    public PerSampleModule(TorchTarget target)
    {
        _target = target;
        _layers = LayerSamplers.Of(target.Module);
        FirstConvolution.Watch(target.Module);
        for (var i = 0; i < _layers.Count; i++)
        {
            var number = i;
            if (_layers[i] is { Sampler: not null, Layer: torch.nn.Module<torch.Tensor, torch.Tensor> layer })
                layer.register_forward_hook((_, input, output) => Capture(number, layer is Linear, input, output));
        }
    }

    /// <summary>The first layer whose gradients cannot be sampled, and why; <see langword="null"/> if there is none.</summary>
    public (string Name, string Reason)? Unsupported => _layers.Where(layer => layer.Refusal is not null).Select(layer => ((string, string)?)(layer.Name, layer.Refusal!)).FirstOrDefault();

    /// <summary>Forward pass, with a gradient graph from the features on if asked for; all tensors belong to the caller's dispose scope.</summary>
    public PerSamplePass Forward(torch.Tensor features, bool withGradients)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = withGradients ? torch.enable_grad() : torch.no_grad();
        var leaf = features.detach().to(_target.Device, copy: true).requires_grad_(withGradients);
        var calls = s_calls = [];
        var first = withGradients ? FirstConvolution.Begin(leaf) : null;
        try
        {
            var logits = _target.Forward(leaf);
            var lastLinear = LastLinear(calls);
            scope.Attach(calls.SelectMany(call => new[] { call.Input, call.Output }).Concat(first?.Tensors ?? []));
            scope.MoveToOuter(scope.DisposablesView.ToList());
            return new PerSamplePass(leaf, logits, lastLinear, calls, Factor, first);
        }
        finally
        {
            s_calls = null;
            FirstConvolution.End();
        }
    }

    private (torch.Tensor Input, torch.Tensor Output)? LastLinear(IReadOnlyList<(int Layer, torch.Tensor Input, torch.Tensor Output)> calls) =>
        calls.LastOrDefault(call => _layers[call.Layer].Layer is Linear) is { Input: not null } last ? (last.Input.detach(), last.Output.detach()) : null;

    // A Sequential disposes what flows between its layers, and a module may have a dispose scope of its own: keep aliases, pass an alias on.
    private static torch.Tensor Capture(int layer, bool isLinear, torch.Tensor input, torch.Tensor output)
    {
        if (s_calls is not { } calls || !(isLinear || torch.is_grad_enabled()))
            return output;
        calls.Add((layer, input.alias().DetachFromDisposeScope(), output.DetachFromDisposeScope()));
        return output.alias();
    }

    // A layer that was called twice in one pass shares its weights: its positions add up.
    private List<LayerGradient> Factor(IReadOnlyList<(int Layer, torch.Tensor Input, torch.Tensor Output)> calls, IList<torch.Tensor> outputGradients) =>
        [.. calls.Select((call, i) => (call.Layer, Gradient: outputGradients[i], call.Input))
            .GroupBy(call => call.Layer)
            .Select(group =>
            {
                var (name, layer, sampler, _) = _layers[group.Key];
                var inputs = group.Select(call => sampler!.Inputs(layer, call.Input.detach())).ToList();
                var gradients = group.Select(call => sampler!.OutputGradients(layer, call.Gradient)).ToList();
                return new LayerGradient(name, inputs.Count == 1 ? inputs[0] : torch.cat(inputs, 1), gradients.Count == 1 ? gradients[0] : torch.cat(gradients, 1));
            })];
}
