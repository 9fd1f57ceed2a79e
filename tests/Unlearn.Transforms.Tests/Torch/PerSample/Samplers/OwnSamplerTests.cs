using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Conformance;
using Unlearn.Tests;
using Unlearn.Transforms.Torch.PerSample;
using Xunit;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class OwnSamplerTests
{
    private const int Width = 6;
    private const string Rule = "Per-row gradients are those of autograd, one row at a time";

    [Fact]
    public void The_documented_layer_is_this_one() => Snippets.AssertIsIn("factors.md", "ScaledTanh.cs", "layer");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Registered_gradients_are_those_of_single_rows(int calls)
    {
        var layer = LayerCase.OfModule("own, called " + calls, [Width], () =>
        {
            var own = new ScaledTanh(Width);
            return calls == 1 ? Sequential(("own", own), ("output", Linear(Width, LayerCase.Classes))) : new CalledTwice(own, Linear(Width, LayerCase.Classes));
        });
        using var target = layer.CreateTarget();
        Assert.Empty(target.PerSample.Unsupported);
        using var scope = torch.NewDisposeScope();
        var (features, gradients) = (layer.Features(4), LayerCase.LogitGradients(4));
        var sampled =
            target.PerSample.Forward(features, withGradients: true).ParameterGradients(gradients).ToDictionary(found => found.Name, found => found.Flatten());
        RowByRowGradients.ForEach(target.Network, features, gradients, (row, expected) =>
        {
            foreach (var (name, gradient) in expected.Where(parameter => parameter.Parameter.EndsWith("scale", StringComparison.Ordinal)))
                Assert.True(sampled[name[..name.LastIndexOf('.')]][row].allclose(gradient, 1e-10, 1e-12));
        });
    }

    [Fact]
    public void A_layer_of_its_own_gives_every_factor_of_gradients()
    {
        using var rows = TinyRows.Training(40, Width);
        using var target = Trained<ScaledTanh>(rows, () => new(Width));
        var context = new MLContext(1);
        var data = TinyRows.View(context, TinyRows.Create(60, Width), Width);
        var fitted =
            context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.SelfInfluence] }).Fit(data);
        Assert.All(fitted.Transform(data).GetColumn<float>("SelfInfluence"), value => Assert.True(float.IsFinite(value)));
        Check(target, rows);
    }

    [Theory]
    [InlineData("wrong", "layer 'own' has other gradients than autograd's")]
    [InlineData("missing", "no gradient for the parameter 'scale'")]
    [InlineData("unknown", "'other', but the layer has the parameters 'scale'")]
    [InlineData("shape", "shape [2, 1] for the parameter 'scale': rows × its shape are [2, 6]")]
    public void A_wrong_sampler_is_named(string kind, string words)
    {
        using var rows = TinyRows.Training(40, Width);
        using var target = Trained<Faulty>(rows, () => new(Width) { Kind = kind });
        var failure = Assert.Throws<ConformanceException>(() => Check(target, rows));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_of_the_library_keep_their_samplers() =>
        Assert.Contains(
            "Linear",
            Assert.Throws<ArgumentException>(() => LayerSamplers.Register<Linear>((_, _, _) => new Dictionary<string, torch.Tensor>())).Message,
            StringComparison.Ordinal);

    private static void Check(TorchTarget target, TrainingRows rows) =>
        TargetConformance.Checks(new() { CreateTarget = target.Clone, Rows = rows }).Single(check => check.Rule == Rule).Run();

    private static TorchTarget Trained<TLayer>(TrainingRows rows, Func<TLayer> create)
        where TLayer : Module<torch.Tensor, torch.Tensor> =>
        TinyRows.Trained(TorchArchitecture.Custom(
            "own: " + Guid.NewGuid(), [Width], TinyRows.Classes, () => Sequential(("own", create()), ("output", Linear(Width, TinyRows.Classes)))), rows);

    private sealed class Faulty : Module<torch.Tensor, torch.Tensor>
    {
        private readonly Parameter scale;

        static Faulty() => LayerSamplers.Register<Faulty>((layer, input, gradient) => layer.Kind switch
        {
            "wrong" => new Dictionary<string, torch.Tensor> { ["scale"] = gradient * input * 2 },
            "missing" => new Dictionary<string, torch.Tensor>(),
            "unknown" => new Dictionary<string, torch.Tensor> { ["other"] = gradient },
            _ => new Dictionary<string, torch.Tensor> { ["scale"] = gradient.sum(1, keepdim: true) },
        });

        public Faulty(int width) : base(nameof(Faulty))
        {
            scale = Parameter(torch.ones(width));
            RegisterComponents();
        }

        public string Kind { get; init; } = "";

        public override torch.Tensor forward(torch.Tensor input) => input * scale;
    }
}
