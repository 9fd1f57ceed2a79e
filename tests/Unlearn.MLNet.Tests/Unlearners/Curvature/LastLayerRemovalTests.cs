using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Curvature;

public sealed class LastLayerRemovalTests
{
    [Theory]
    [InlineData(1, 0.05)]
    [InlineData(6, 1e-3)]
    public void On_a_linear_model_it_leaves_rows_out_as_a_training_to_convergence_does(int steps, double tolerance)
    {
        using var data = UnlearningCase.Linear();
        foreach (int[] forget in new int[][] { [0], [17], [4, 8, 31] })
        {
            using var retrained = data.Recipe.Train(data.Rows, data.Positions.Except(forget).ToArray(), seed: 5);
            using var unlearned = data.Unlearn(new LastLayerRemoval { Steps = steps }, forget);
            Assert.True(Distance(unlearned, retrained) < tolerance * Distance(data.Target, retrained),
                $"{Distance(unlearned, retrained)} of {Distance(data.Target, retrained)}");
        }
    }

    [Fact]
    public void Its_first_step_is_that_of_influence_removal_on_a_linear_model()
    {
        using var data = UnlearningCase.Linear();
        using var expected = data.Unlearn(new InfluenceRemoval { RelativeDamping = 0 }, 3, 9);
        using var actual = data.Unlearn(new LastLayerRemoval(), 3, 9);
        Assert.All(UnlearningCase.State(expected).Zip(UnlearningCase.State(actual)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void A_step_with_a_weight_goes_as_many_times_as_far()
    {
        using var data = UnlearningCase.Linear();
        using var once = data.Unlearn(new LastLayerRemoval(), 4, 8);
        using var thrice = data.Unlearn(new LastLayerRemoval { RemovalWeight = 3 }, 4, 8);
        InfluenceRemovalTests.AssertGoesThriceAsFar(data, once, thrice);
    }

    [Fact]
    public void It_changes_the_last_layer_alone()
    {
        using var data = UnlearningCase.Cnn();
        using var unlearned = data.Unlearn(new LastLayerRemoval(), 7);
        var before = data.Target.Module.state_dict();
        foreach (var (name, tensor) in unlearned.Module.state_dict())
            Assert.Equal(!name.StartsWith("output", StringComparison.Ordinal), tensor.equal(before[name]).all().item<bool>());
        Assert.True(data.Confidences(unlearned)[7] < data.Confidences(data.Target)[7]);
    }

    [Fact]
    public void A_model_that_does_not_end_in_a_linear_layer_is_refused()
    {
        using var target = TorchTarget.FromModule(
            TorchArchitecture.Custom("scaled", [8], 3, Scaled), Scaled(), TorchDevice.Cpu);
        using var rows = TinyStudy.Rows(20);
        var recipe = TinyStudy.Recipe with { Architecture = target.Architecture };
        var failure = Assert.Throws<ArgumentException>(() => new LastLayerRemoval().Unlearn(new(target, recipe, rows, [1], 1), CancellationToken.None));
        Assert.Contains("last linear layer", failure.Message, StringComparison.Ordinal);

        static torch.nn.Module<torch.Tensor, torch.Tensor> Scaled() => torch.nn.Sequential(("output", torch.nn.Linear(8, 3)), ("tanh", torch.nn.Tanh()));
    }

    [Fact]
    public void A_recipe_without_weight_decay_needs_damping()
    {
        using var data = UnlearningCase.Linear();
        var request = new UnlearningRequest(data.Target, data.Recipe with { WeightDecay = 0 }, data.Rows, [1], 1);
        Assert.Contains("RelativeDamping", Assert.Throws<ArgumentException>(() => new LastLayerRemoval().Unlearn(request, CancellationToken.None)).Message,
            StringComparison.Ordinal);
        using var unlearned = new LastLayerRemoval { RelativeDamping = 0.01 }.Unlearn(request, CancellationToken.None);
        Assert.NotEqual(UnlearningCase.State(data.Target), UnlearningCase.State(unlearned.Model));
    }

    private static double Distance(ITarget a, ITarget b) =>
        Math.Sqrt(UnlearningCase.State(a).Zip(UnlearningCase.State(b), (x, y) => (double)(x - y) * (x - y)).Sum());
}
