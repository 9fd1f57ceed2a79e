using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>
/// K modules of one architecture as one, with their parameters stacked: matrix products become batched ones, convolutions grouped ones.
/// Small networks gain most, since each operation's fixed cost is paid once for K models.
/// </summary>
internal sealed class StackedModule : IDisposable
{
    private readonly IReadOnlyList<StackedLayer> _layers;

    private StackedModule(int count, IReadOnlyList<StackedLayer> layers)
    {
        Count = count;
        _layers = layers;
        Parameters = [.. layers.SelectMany(layer => layer.Parameters)];
    }

    /// <summary>K.</summary>
    public int Count { get; }

    /// <summary>All parameters. Each tensor holds the values of one model after another.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Why modules of this kind cannot be stacked; <see langword="null"/> if they can.</summary>
    public static string? Refusal(Module<torch.Tensor, torch.Tensor> module) =>
        Layers(module) is not { } layers ? $"a {module.GetName()} is not a plain sequence of layers"
            : layers.FirstOrDefault(layer => !StackedLayer.IsKnown(layer)) is { } unknown ? $"layers of type {unknown.GetType().Name} are not stacked"
            : null;

    /// <summary>Why targets like this one cannot be stacked; <see langword="null"/> if they can.</summary>
    public static string? Refusal(TorchTarget target) =>
        target.Frozen.Count > 0 ? $"parameter '{target.Frozen.Order(StringComparer.Ordinal).First()}' is frozen" : Refusal(target.Module);

    /// <summary>Stacks copies of the modules' parameters.</summary>
    /// <param name="modules">Modules of one architecture, on the CPU.</param>
    /// <param name="inputShape">Shape of one row.</param>
    public static StackedModule Create(IReadOnlyList<Module<torch.Tensor, torch.Tensor>> modules, IReadOnlyList<long> inputShape)
    {
        using var scope = torch.NewDisposeScope();
        var layers = modules.Select(module => Layers(module) ?? throw new ArgumentException(Refusal(module))).ToList();
        var stack = new StackedModule(modules.Count,
            [.. Enumerable.Range(0, layers[0].Count).Select(layer => StackedLayer.Create([.. layers.Select(ofModel => ofModel[layer])], ref inputShape))]);
        foreach (var parameter in stack.Parameters)
            parameter.DetachFromDisposeScope();
        return stack;
    }

    /// <summary>Logits of every model for rows of its own.</summary>
    /// <param name="features">K × rows × values.</param>
    /// <returns>K × classes × rows.</returns>
    public torch.Tensor Forward(torch.Tensor features)
    {
        var hidden = features.transpose(1, 2);
        foreach (var layer in _layers)
            hidden = layer.Forward(hidden);
        return hidden;
    }

    /// <summary>Sets the gradients of all parameters.</summary>
    /// <param name="gradient">Gradient of the logits of the last forward pass; it is overwritten.</param>
    public void Backward(torch.Tensor gradient)
    {
        for (var layer = _layers.Count - 1; layer >= 0; layer--)
            gradient = _layers[layer].Backward(gradient, withInput: layer > 0);
    }

    /// <summary>Writes the parameters of one model into a module.</summary>
    /// <param name="model">Number of the model, from 0.</param>
    /// <param name="module">A module of the architecture.</param>
    public void CopyTo(int model, Module<torch.Tensor, torch.Tensor> module)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var own = Layers(module)!.SelectMany(StackedLayer.ParametersOf).ToList();
        for (var i = 0; i < own.Count; i++)
            own[i].copy_(Parameters[i].reshape([Count, .. own[i].shape]).select(0, model));
    }

    /// <summary>One of the models by itself.</summary>
    /// <param name="model">Number of the model, from 0.</param>
    /// <param name="like">A target of the architecture.</param>
    public TorchTarget ToTarget(int model, TorchTarget like)
    {
        var target = like.Another();
        CopyTo(model, target.Module);
        return target;
    }

    /// <summary>Of each model, whether all its parameters are finite.</summary>
    public bool[] AreFinite()
    {
        using var noGrad = torch.no_grad();
        return [.. Enumerable.Range(0, Count).Select(model => Parameters.All(parameter => FloatSpan.IsFinite(FloatSpan.Of(parameter, model))))];
    }

    public void Dispose()
    {
        foreach (var parameter in Parameters)
            parameter.Dispose();
    }

    private static List<Module<torch.Tensor, torch.Tensor>>? Layers(Module<torch.Tensor, torch.Tensor> module) =>
        module is not Sequential sequence ? null
            : [.. sequence.children().Select(child => (Module<torch.Tensor, torch.Tensor>)child)];
}
