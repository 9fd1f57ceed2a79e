using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Samplers;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class LayerSamplersTests
{
    [Fact]
    public void Every_kind_of_layer_has_a_test_class_of_its_own()
    {
        var tests =
            typeof(LayerSamplerTests).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LayerSamplerTests))).Select(type => type.Name).ToList();
        Assert.All(LayerSamplers.Kinds, kind => Assert.Contains(kind.Name + "SamplerTests", tests));
    }

    [Fact]
    public void Every_sampler_is_registered()
    {
        var samplers = typeof(LayerSampler).Assembly
            .GetTypes()
            .Where(type => type.IsSubclassOf(typeof(LayerSampler)) && !type.IsAbstract && type != typeof(OwnSampler<>))
            .Select(type => type.Name);
        Assert.Equal(LayerSamplers.Kinds.Select(kind => kind.Name + "Sampler").Order(), samplers.Order());
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "attention", "SelfAttention" },
        { "slope", "PReLU" },
        { "convolution", "Same" },
        { "norm", "running statistics" },
        { "table", "how often a token is in the batch" },
        { "bag", "Sum or Mean" },
        { "scale", "owns parameters itself" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_names_the_layer_and_the_reason(string name, string reason)
    {
        using Module layer = name switch
        {
            "attention" => MultiheadAttention(4, 2),
            "slope" => PReLU(3),
            "convolution" => Conv2d(1, 1, 3, padding: Padding.Same, padding_mode: PaddingModes.Reflect),
            "norm" => BatchNorm1d(3, track_running_stats: false),
            "table" => Embedding(5, 2, scale_grad_by_freq: true),
            "bag" => EmbeddingBag(5, 2, mode: EmbeddingBagMode.Max),
            _ => new OwnParameter(),
        };
        var owner = new Owner(name, layer);
        var refused = Assert.Single(LayerSamplers.Of(owner), observed => observed.Refusal is not null);
        Assert.Null(refused.Sampler);
        Assert.Equal(name, refused.Name);
        Assert.Contains(reason, refused.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_without_parameters_need_no_sampler() =>
        Assert.Equal(["0"], LayerSamplers.Of(Sequential(Linear(2, 2), ReLU(), LayerNorm(2, elementwise_affine: false), BatchNorm1d(2, affine: false)))
            .Select(layer => layer.Name));

    [Fact]
    public void A_module_may_be_a_layer_itself() => Assert.Equal(LayerSamplers.Root, Assert.Single(LayerSamplers.Of(Linear(2, 2))).Name);

    private sealed class Owner : Module<Tensor, Tensor>
    {
        public Owner(string name, Module layer) : base(nameof(Owner)) => register_module(name, layer);

        public override Tensor forward(Tensor input) => input;
    }

    private sealed class OwnParameter : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter factor = Parameter(ones(3));

        public OwnParameter() : base(nameof(OwnParameter)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input * factor;
    }
}
