using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.Training.Stacked;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.Training.Stacked;

public sealed class StackedTrainingTests
{
    private const int Width = 36;

    private static TorchArchitecture Architecture(string name) => name switch
    {
        "linear" => TorchArchitecture.Mlp(Width, TinyRows.Classes),
        "mlp" => TorchArchitecture.Mlp(Width, TinyRows.Classes, 9, 5),
        "cnn" => TorchArchitecture.SmallCnn(1, 6, 6, TinyRows.Classes, [3, 4, 6]),
        _ => TorchArchitecture.BagOfTokens(Width, vocabularySize: 7, dimensions: 4, TinyRows.Classes, 5),
    };

    private static TrainingSpec Training(int first, int count, long seed) => new() { Positions = Enumerable.Range(first, count).ToArray(), Seed = seed };

    private static TrainingRows Rows(string architecture)
    {
        if (architecture != "text")
            return TinyRows.Training(50, Width);
        var rows = TinyRows.Create(50, Width);
        foreach (var row in rows)
            row.Features = [.. row.Features.Select(value => MathF.Floor(Math.Clamp(3 * (value + 1), 0, 6)))];
        return TrainingRows.FromDataView(TinyRows.View(new(1), rows, Width));
    }

    private static TorchRecipe Recipe(string architecture, OptimizerKind optimizer = OptimizerKind.Sgd) =>
        new(Architecture(architecture))
        {
            Epochs = 3,
            BatchSize = 8,
            Optimizer = optimizer,
            LearningRate = optimizer == OptimizerKind.Sgd ? 0.05 : 0.01,
            Stack = 3,
            Device = TorchDevice.Cpu,
        };

    // Other row counts, so other last batches and, for the fourth one, more steps.
    private static readonly TrainingSpec[] Trainings =
        [
            Training(0, 40, seed: 1),
            Training(3, 37, seed: 2),
            Training(10, 40, seed: 3),
            Training(0, 50, seed: 4),
            Training(5, 39, seed: 5),
            Training(2, 41, seed: 6),
        ];

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public void A_value_that_is_not_finite_is_seen_wherever_it_is(int length)
    {
        for (var i = 0; i < length; i++)
            foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                var values = Enumerable.Repeat(-float.MaxValue, length).ToArray();
                Assert.True(FloatSpan.IsFinite(values));
                values[i] = value;
                Assert.False(FloatSpan.IsFinite(values));
            }
    }

    [Theory]
    [InlineData("linear", OptimizerKind.Sgd)]
    [InlineData("mlp", OptimizerKind.Sgd)]
    [InlineData("mlp", OptimizerKind.AdamW)]
    [InlineData("cnn", OptimizerKind.Sgd)]
    [InlineData("text", OptimizerKind.Sgd)]
    [InlineData("text", OptimizerKind.AdamW)]
    public void A_stack_trains_what_single_trainings_train(string architecture, OptimizerKind optimizer)
    {
        using var rows = Rows(architecture);
        var recipe = Recipe(architecture, optimizer);
        var stacked = recipe.TrainMany(rows, Trainings);
        for (var i = 0; i < Trainings.Length; i++)
        {
            using var single = recipe.Train(rows, Trainings[i].Positions, Trainings[i].Seed);
            using var difference = (single.Logits(rows.Features) - stacked[i].Logits(rows.Features)).abs().max();
            Assert.True(difference.item<float>() < 1e-4, $"model {i} differs by {difference.item<float>()}");
            stacked[i].Dispose();
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void A_stack_goes_on_from_models_as_single_trainings_do(OptimizerKind optimizer)
    {
        using var rows = Rows("mlp");
        var recipe = Recipe("mlp", optimizer);
        TrainingSpec[] further = [Training(0, 9, seed: 6), Training(20, 30, seed: 7), Training(1, 2, seed: 8)];
        var starts = recipe.TrainMany(rows, Trainings[..3]);
        var (stacked, diverged) = recipe.TrainAll(rows, further, starts, default);
        Assert.All(diverged, Assert.Null);
        for (var i = 0; i < further.Length; i++)
        {
            using var single = recipe.Continue(starts[i], rows, further[i].Positions, further[i].Seed);
            using var difference = (single.Logits(rows.Features) - stacked[i].Logits(rows.Features)).abs().max();
            Assert.True(difference.item<float>() < 1e-4, $"model {i} differs by {difference.item<float>()}");
            stacked[i].Dispose();
            starts[i].Dispose();
        }
    }

    [Fact]
    public void A_model_does_not_depend_on_what_else_is_in_its_stack()
    {
        using var rows = Rows("mlp");
        var recipe = Recipe("mlp");
        var first = recipe.TrainMany(rows, Trainings[..3]);
        var second = recipe.TrainMany(rows, [Trainings[4], Trainings[0], Trainings[1]]);
        using var scope = torch.NewDisposeScope();
        Assert.Equal(first[0].Logits(rows.Features).data<float>().ToArray(), second[1].Logits(rows.Features).data<float>().ToArray());
        foreach (var target in first.Concat(second))
            target.Dispose();
    }

    [Fact]
    public void Architectures_that_cannot_be_stacked_say_why_and_are_trained_one_by_one()
    {
        var architecture = TorchArchitecture.ResNet18(1, 8, 8, TinyRows.Classes, [2, 2, 2, 2]);
        using var module = architecture.CreateModule(1);
        Assert.Contains("BatchNorm2d", StackedModule.Refusal(module), StringComparison.Ordinal);
        using var rows = TinyRows.Training(20, 64);
        var recipe = new TorchRecipe(architecture) { Epochs = 1, BatchSize = 8, Stack = 4, Device = TorchDevice.Cpu };
        using var single = recipe.Train(rows, Trainings[0].Positions[..20], 1);
        using var many = recipe.TrainMany(rows, [new() { Positions = Trainings[0].Positions[..20], Seed = 1 }])[0];
        using var scope = torch.NewDisposeScope();
        Assert.Equal(single.Logits(rows.Features).data<float>().ToArray(), many.Logits(rows.Features).data<float>().ToArray());
    }

    [Fact]
    public void A_diverging_model_is_named()
    {
        using var rows = Rows("mlp");
        var failure = Assert.Throws<TrainingDivergedException>(() => (Recipe("mlp") with { LearningRate = 1e9 }).TrainMany(rows, Trainings));
        Assert.Contains("epoch", failure.Message, StringComparison.Ordinal);
    }
}
