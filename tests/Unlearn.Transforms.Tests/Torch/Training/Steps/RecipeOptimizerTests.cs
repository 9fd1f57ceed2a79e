using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Torch.Training.Steps;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.Training.Steps;

public sealed class RecipeOptimizerTests
{
    private const int Steps = 20;

    private static TorchRecipe Recipe(OptimizerKind kind) =>
        new(TorchArchitecture.Mlp(2, 2))
        {
            Optimizer = kind,
            LearningRate = kind == OptimizerKind.Sgd ? 0.1 : 0.02,
            WeightDecay = 0.03,
            Schedule = LearningRateSchedule.Constant,
        };

    private static torch.optim.Optimizer Torch(TorchRecipe recipe, Parameter parameter) => recipe.Optimizer == OptimizerKind.Sgd
        ? torch.optim.SGD([parameter], recipe.LearningRate, recipe.Momentum, weight_decay: recipe.WeightDecay)
        : torch.optim.AdamW([parameter], recipe.LearningRate, weight_decay: recipe.WeightDecay);

    private static torch.Tensor Gradient(int step, int values) => (torch.arange(values, torch.ScalarType.Float32) * 0.7f + step).sin();

    [Theory]
    [InlineData(OptimizerKind.Sgd, 3)]
    [InlineData(OptimizerKind.Sgd, 37)]
    [InlineData(OptimizerKind.AdamW, 3)]
    [InlineData(OptimizerKind.AdamW, 37)]
    public void Its_steps_are_those_of_Torch(OptimizerKind kind, int values)
    {
        using var scope = torch.NewDisposeScope();
        var recipe = Recipe(kind);
        var (expected, actual) = (new Parameter(torch.linspace(-1, 1, values)), new Parameter(torch.linspace(-1, 1, values)));
        using var torchs = Torch(recipe, expected);
        using var own = new RecipeOptimizer(recipe.Steps, [actual]);
        for (var step = 0; step < Steps; step++)
        {
            (expected.grad, actual.grad) = (Gradient(step, values), Gradient(step, values));
            torchs.step();
            own.Step(step, Steps);
        }
        Assert.True((expected - actual).abs().max().item<float>() < 1e-6f * Steps);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void Models_of_a_stack_have_their_own_rates_and_scales(OptimizerKind kind)
    {
        using var scope = torch.NewDisposeScope();
        var recipe = Recipe(kind);
        const int Values = 19;
        const float Scale = 0.25f;
        const int LastStep = 7;
        var stack = new Parameter(torch.linspace(-1, 1, Values).repeat(2, 1));
        var (scaled, shortened) = (new Parameter(torch.linspace(-1, 1, Values)), new Parameter(torch.linspace(-1, 1, Values)));
        using var ofStack = new RecipeOptimizer(recipe.Steps, [stack]);
        using var ofScaled = new RecipeOptimizer(recipe.Steps, [scaled]);
        using var ofShortened = new RecipeOptimizer(recipe.Steps, [shortened]);
        for (var step = 0; step < Steps; step++)
        {
            stack.grad = Gradient(step, Values).repeat(2, 1);
            ofStack.Step([(float)recipe.LearningRate, step <= LastStep ? (float)recipe.LearningRate : 0], [Scale, 1]);
            scaled.grad = Gradient(step, Values) * Scale;
            ofScaled.Step(step, Steps);
            shortened.grad = Gradient(step, Values);
            if (step <= LastStep)
                ofShortened.Step(step, Steps);
        }
        Assert.Equal(scaled.data<float>().ToArray(), stack[0].data<float>().ToArray());
        Assert.Equal(shortened.data<float>().ToArray(), stack[1].data<float>().ToArray());
    }
}
