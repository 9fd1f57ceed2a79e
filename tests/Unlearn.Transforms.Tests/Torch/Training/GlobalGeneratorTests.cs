using TorchSharp;
using Unlearn.Transforms.Tests.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.Training;

/// <summary>Torch has one generator for the whole process. It is the user's: whatever the product draws leaves it as it was.</summary>
[CollectionDefinition(nameof(GlobalGeneratorTests), DisableParallelization = true)]
[Collection(nameof(GlobalGeneratorTests))]
public sealed class GlobalGeneratorTests
{
    private static readonly TorchRecipe Recipe = new(TorchArchitecture.Mlp(6, TinyRows.Classes, 5)) { Epochs = 1, BatchSize = 16, Device = TorchDevice.Cpu };

    private static void AssertLeftAlone(Action action)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(5);
        var expected = torch.rand(4).data<float>().ToArray();
        torch.manual_seed(5);
        action();
        Assert.Equal(expected, torch.rand(4).data<float>().ToArray());
    }

    [Fact]
    public void Making_a_module_leaves_it_alone() => AssertLeftAlone(() => TorchTarget.Untrained(Recipe.Architecture, TorchDevice.Cpu, seed: 9).Dispose());

    [Fact]
    public void A_factory_that_fails_leaves_it_alone() => AssertLeftAlone(() =>
    {
        var failing = TorchArchitecture.Custom("test-failing", [6], TinyRows.Classes, () => throw new InvalidTimeZoneException());
        Assert.Throws<InvalidTimeZoneException>(() => TorchTarget.Untrained(failing, TorchDevice.Cpu, seed: 9));
    });

    [Fact]
    public void Training_and_factors_leave_it_alone()
    {
        using var rows = TinyRows.Training(30, 6);
        AssertLeftAlone(() =>
        {
            using var target = Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 7);
            using var copy = target.Clone();
            FactorFit.Compute(copy, rows, HardnessFactors.SelfInfluence);
        });
    }

    [Fact]
    public void It_does_not_decide_what_a_module_starts_from()
    {
        float[] Weights(long globalSeed)
        {
            torch.manual_seed(globalSeed);
            using var target = TorchTarget.Untrained(Recipe.Architecture, TorchDevice.Cpu, seed: 9);
            using var scope = torch.NewDisposeScope();
            return [.. target.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
        }
        Assert.Equal(Weights(1), Weights(2));
    }
}
