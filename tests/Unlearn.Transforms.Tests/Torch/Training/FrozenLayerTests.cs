using Microsoft.ML;
using TorchSharp;
using Unlearn.Transforms.Pipeline.Persistence;
using Unlearn.Transforms.Torch.PerSample;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using Unlearn.Transforms.Torch.PerSample.Samplers;
using Unlearn.Transforms.Torch.Training.Stacked;
using Xunit;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.Training;

/// <summary>Parameters whose gradients an architecture turns off stay as they are, whatever trains the others.</summary>
public sealed class FrozenLayerTests : IDisposable
{
    private const int Width = 6;
    private readonly TrainingRows _rows = TinyRows.Training(40, Width);
    private readonly int[] _all = [.. Enumerable.Range(0, 40)];

    public void Dispose() => _rows.Dispose();

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    private static TorchArchitecture Architecture(string name, params string[] frozen) =>
        TorchArchitecture.Custom($"frozen-{name}", [Width], TinyRows.Classes, () =>
        {
            var module =
                Sequential(("first", Linear(Width, 5)), ("relu", ReLU()), ("middle", Linear(5, 5)), ("tanh", Tanh()), ("output", Linear(5, TinyRows.Classes)));
            foreach (var (parameterName, parameter) in module.named_parameters())
                parameter.requires_grad = !frozen.Contains(parameterName);
            return module;
        });

    private static TorchArchitecture First => Architecture("first", "first.weight", "first.bias");

    private static TorchRecipe Recipe(TorchArchitecture architecture, OptimizerKind optimizer = OptimizerKind.Sgd) =>
        new(architecture) { Epochs = 3, BatchSize = 8, Optimizer = optimizer, WeightDecay = 0.01, Device = TorchDevice.Cpu };

    private static float[] Values(TorchTarget target, string layer) =>
        [.. target.Module
            .named_parameters()
            .Where(parameter => LayerSamplers.LayerOf(parameter.name) == layer)
            .SelectMany(parameter => parameter.parameter.data<float>().ToArray())];

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void Training_leaves_frozen_layers_alone_and_moves_the_others(OptimizerKind optimizer)
    {
        var recipe = Recipe(First, optimizer);
        using var start = TorchTarget.Untrained(First, TorchDevice.Cpu, Seed.Derive(5, "initialisation"));
        using var trained = recipe.Train(_rows, _all, seed: 5, cancellationToken: TestToken);
        using var continued = recipe.Continue(trained, _rows, _all, seed: 6, cancellationToken: TestToken);
        using var traced = recipe.TrainWithGradientTrace(_rows, _all, seed: 5, cancellationToken: TestToken);
        foreach (var target in new[] { trained, continued, traced })
        {
            Assert.Equal(Values(start, "first"), Values(target, "first"));
            Assert.NotEqual(Values(start, "middle"), Values(target, "middle"));
            Assert.NotEqual(Values(start, "output"), Values(target, "output"));
        }
    }

    [Fact]
    public void Stacks_do_not_take_them_and_train_one_by_one()
    {
        var recipe = Recipe(TorchArchitecture.Custom("frozen-stack", [Width], TinyRows.Classes, () =>
        {
            var module = Sequential(("first", Linear(Width, 5)), ("relu", ReLU()), ("output", Linear(5, TinyRows.Classes)));
            module.get_parameter("first.weight")!.requires_grad = false;
            return module;
        })) with { Stack = 2 };
        var targets = recipe.TrainMany(_rows, [new() { Positions = _all, Seed = 1 }, new() { Positions = _all, Seed = 2 }], TestToken);
        using var single = recipe.Train(_rows, _all, seed: 2, cancellationToken: TestToken);
        Assert.Contains("'first.weight' is frozen", StackedModule.Refusal(single), StringComparison.Ordinal);
        Assert.Equal(Values(single, "first"), Values(targets[1], "first"));
        Assert.Equal(Values(single, "output"), Values(targets[1], "output"));
        foreach (var target in targets)
            target.Dispose();
    }

    [Fact]
    public void Where_all_is_frozen_there_is_nothing_to_train()
    {
        var architecture = Architecture("all", "first.weight", "first.bias", "middle.weight", "middle.bias", "output.weight", "output.bias");
        Assert.Contains(
            "frozen",
            Assert.Throws<ArgumentException>(() => Recipe(architecture).Train(_rows, _all, seed: 1, cancellationToken: TestToken)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_and_saved_models_stay_frozen_even_if_the_architecture_no_longer_freezes()
    {
        var architecture = Architecture("saved", "first.weight", "first.bias");
        using var target = Recipe(architecture).Train(_rows, _all, seed: 1, cancellationToken: TestToken);
        using var clone = target.Clone();
        using var module = target.CopyModule();
        Assert.Equal(["first.weight", "first.bias"],
            module.named_parameters().Where(parameter => !parameter.parameter.requires_grad).Select(parameter => parameter.name));
        var format = new TorchTargetFormat();
        var saved = format.Save(target);
        var thawed = Architecture("saved");
        using var loaded = (TorchTarget)format.Load(new MLContext(1), saved);
        foreach (var copy in new[] { clone, loaded })
        {
            Assert.Equal(target.Frozen.Order(), copy.Frozen.Order());
            using var continued = Recipe(thawed).Continue(copy, _rows, _all, seed: 2, cancellationToken: TestToken);
            Assert.Equal(Values(target, "first"), Values(continued, "first"));
            Assert.NotEqual(Values(target, "output"), Values(continued, "output"));
        }
    }

    [Fact]
    public void Row_norms_are_those_of_the_trained_parameters()
    {
        using var target = TorchTarget.Untrained(First, TorchDevice.Cpu, seed: 3);
        using var scope = torch.NewDisposeScope();
        Assert.Empty(target.PerSample.Unsupported);
        var pass = target.PerSample.Forward(_rows.Features, withGradients: true);
        var errors = LogitGradients.OfLoss(pass.Logits.detach().log_softmax(1), _rows.Labels);
        var gradients = pass.ParameterGradients(errors);
        Assert.Equal(["middle", "output"], gradients.Select(gradient => gradient.Name).Order());
        var norms = gradients.Select(gradient => gradient.SquaredNorms()).Aggregate((sum, next) => sum + next).sqrt().data<float>().ToArray();
        var rowByRow = RowByRowGradients.Norms(target.Network, _rows.Features, errors).data<float>().ToArray();
        Assert.All(norms.Zip(rowByRow), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));

        // The same module without frozen layers has longer gradients.
        using var whole = TorchTarget.Untrained(Architecture("none"), TorchDevice.Cpu, seed: 3);
        Assert.All(RowByRowGradients.Norms(whole.Network, _rows.Features, errors).data<float>().ToArray().Zip(rowByRow),
            pair => Assert.True(pair.First >= pair.Second));
    }

    [Fact]
    public void A_frozen_layer_needs_no_sampler_and_one_that_is_frozen_in_part_has_none()
    {
        var architecture = TorchArchitecture.Custom("frozen-unknown", [Width], TinyRows.Classes, () =>
        {
            var module = Sequential(("first", Linear(Width, 4)), ("unknown", PReLU(4)), ("output", Linear(4, TinyRows.Classes)));
            module.get_parameter("unknown.weight")!.requires_grad = false;
            return module;
        });
        using var unknown = TorchTarget.Untrained(architecture, TorchDevice.Cpu, seed: 1);
        Assert.Empty(unknown.PerSample.Unsupported);
        using var partly = TorchTarget.Untrained(Architecture("partly", "middle.weight"), TorchDevice.Cpu, seed: 1);
        var refused = Assert.Single(partly.PerSample.Unsupported);
        Assert.Equal("middle", refused.Name);
        Assert.Contains("trainable and frozen", refused.Reason, StringComparison.Ordinal);
    }
}
