using System.Collections.Concurrent;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Torch.Modules;
using Unlearn.Transforms.Torch.PerSample.Samplers;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms;

/// <summary>The kinds of layers that per-row gradients can be read from, in one pass over a batch. Layers of one's own are registered here.</summary>
public static class LayerSamplers
{
    private static readonly ConcurrentDictionary<Type, Func<Module, LayerSampler>> Own = new();

    private static readonly Dictionary<Type, Func<Module, LayerSampler>> Factories = new()
    {
        [typeof(Linear)] = layer => new LinearSampler((Linear)layer),
        [typeof(Conv1d)] = layer => new Conv1dSampler((Conv1d)layer),
        [typeof(Conv2d)] = layer => new Conv2dSampler((Conv2d)layer),
        [typeof(Embedding)] = layer => new EmbeddingSampler((Embedding)layer),
        [typeof(EmbeddingBag)] = layer => new EmbeddingBagSampler((EmbeddingBag)layer),
        [typeof(LayerNorm)] = layer => new LayerNormSampler((LayerNorm)layer),
        [typeof(GroupNorm)] = layer => new GroupNormSampler((GroupNorm)layer),
        [typeof(BatchNorm1d)] = layer => new BatchNorm1dSampler((BatchNorm1d)layer),
        [typeof(BatchNorm2d)] = layer => new BatchNorm2dSampler((BatchNorm2d)layer),
        [typeof(HeldBatchNorm2d)] = layer => new HeldBatchNorm2dSampler((HeldBatchNorm2d)layer),
    };

    /// <summary>
    /// Registers the per-row gradients of a layer of one's own: a class that owns parameters itself, and not through layers that it is made of.
    /// Register it before a target of it computes factors.
    /// </summary>
    /// <remarks>
    /// A target compares every sampler with autograd on two rows before its first use. A layer whose sampler is wrong counts as a layer without one.
    /// <c>TargetConformance</c> compares every single gradient.
    /// </remarks>
    /// <typeparam name="TLayer">The class of the layer. Subclasses are other layers.</typeparam>
    /// <param name="gradients">
    /// Gets the layer, its input and the gradient g with respect to its output, both with the rows as the first dimension and without a graph. For
    /// each parameter that the layer owns, it gives by the parameter's name the gradient of every row: Σ over the row's outputs o of g_o · ∂o/∂θ, in
    /// the shape rows × shape of the parameter. It is called on several threads at once.
    /// </param>
    /// <exception cref="ArgumentException">The library itself has a sampler for this class.</exception>
    public static void Register<TLayer>(Func<TLayer, torch.Tensor, torch.Tensor, IReadOnlyDictionary<string, torch.Tensor>> gradients)
        where TLayer : Module<torch.Tensor, torch.Tensor>
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (Factories.ContainsKey(typeof(TLayer)))
            throw new ArgumentException($"{typeof(TLayer).Name} has a sampler of the library: register layers of your own.", nameof(gradients));
        Own[typeof(TLayer)] = layer => new OwnSampler<TLayer>((TLayer)layer, gradients);
    }

    /// <summary>Name of the module itself, where it is a layer or owns parameters.</summary>
    internal const string Root = "(root)";

    private static readonly HashSet<Type> WithHiddenAttention =
        [
            typeof(MultiheadAttention),
            typeof(Transformer),
            typeof(TransformerEncoder),
            typeof(TransformerEncoderLayer),
            typeof(TransformerDecoder),
            typeof(TransformerDecoderLayer),
        ];

    /// <summary>Kinds of layers that the library can sample.</summary>
    internal static IReadOnlyCollection<Type> Kinds => Factories.Keys;

    /// <summary>The layer that owns a parameter, by the parameter's name in the module.</summary>
    internal static string LayerOf(string parameter) => parameter.LastIndexOf('.') is >= 0 and var dot ? parameter[..dot] : Root;

    /// <summary>All layers of a module that own parameters, each with its sampler, or with the reason why there is none.</summary>
    internal static IReadOnlyList<ObservedLayer> Of(Module module)
    {
        List<ObservedLayer> layers = [];
        HashSet<Module> seen = [];
        foreach (var (name, layer) in module.named_modules().Prepend((Root, module)))
        {
            if (!seen.Add(layer) || !layer.named_parameters(recurse: false).Any())
                continue;
            var sampler = (Factories.GetValueOrDefault(layer.GetType()) ?? Own.GetValueOrDefault(layer.GetType()))?.Invoke(layer);
            var refusal = sampler is null ? NoSampler(layer.GetType()) : sampler.Refusal;
            layers.Add(new(name, layer, refusal is null ? sampler : null, refusal));
        }
        return layers;
    }

    private static string NoSampler(Type type) =>
        WithHiddenAttention.Contains(type) ? $"is a {type.Name}, which runs natively and hides its projections: build it of {nameof(SelfAttention)}"
        : type.Namespace == typeof(Linear).Namespace ? $"is a {type.Name}, a kind of layer that has no per-row gradient sampler: "
            + $"register one by {nameof(LayerSamplers)}.{nameof(Register)}"
        : $"is a {type.Name} that owns parameters itself: keep them in layers such as Linear or Embedding, and call those, "
        + $"or register its gradients by {nameof(LayerSamplers)}.{nameof(Register)}";
}
