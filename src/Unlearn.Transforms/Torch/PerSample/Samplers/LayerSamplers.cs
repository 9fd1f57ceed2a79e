using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>The registry of layer kinds.</summary>
internal static class LayerSamplers
{
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
    };

    /// <summary>Name of the module itself, where it is a layer or owns parameters.</summary>
    public const string Root = "(root)";

    private static readonly HashSet<Type> WithHiddenAttention =
        [typeof(MultiheadAttention), typeof(Transformer), typeof(TransformerEncoder), typeof(TransformerEncoderLayer), typeof(TransformerDecoder), typeof(TransformerDecoderLayer)];

    /// <summary>Kinds of layers that can be sampled.</summary>
    public static IReadOnlyCollection<Type> Kinds => Factories.Keys;

    /// <summary>The layer that owns a parameter, by the parameter's name in the module.</summary>
    public static string LayerOf(string parameter) => parameter.LastIndexOf('.') is >= 0 and var dot ? parameter[..dot] : Root;

    /// <summary>All layers of a module that own parameters, each with its sampler, or with the reason why there is none.</summary>
    public static IReadOnlyList<ObservedLayer> Of(Module module)
    {
        List<ObservedLayer> layers = [];
        HashSet<Module> seen = [];
        foreach (var (name, layer) in module.named_modules().Prepend((Root, module)))
        {
            if (!seen.Add(layer) || !layer.named_parameters(recurse: false).Any())
                continue;
            var sampler = Factories.GetValueOrDefault(layer.GetType())?.Invoke(layer);
            var refusal = sampler is null ? NoSampler(layer.GetType()) : sampler.Refusal;
            layers.Add(new(name, layer, refusal is null ? sampler : null, refusal));
        }
        return layers;
    }

    private static string NoSampler(Type type) =>
        WithHiddenAttention.Contains(type) ? $"is a {type.Name}, which runs natively and hides its projections: build it of {nameof(SelfAttention)}"
        : type.Namespace == typeof(Linear).Namespace ? $"is a {type.Name}, a kind of layer that has no per-row gradient sampler"
        : $"is a {type.Name} that owns parameters itself: keep them in layers such as Linear or Embedding, and call those";
}
