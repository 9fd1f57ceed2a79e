using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Curvature;

public sealed class InfluenceRemovalTests
{
    [Fact]
    public void On_a_convex_model_its_steps_end_at_the_retrained_minimum()
    {
        using var data = UnlearningCase.Linear();
        using var retrained = data.Recipe.Train(data.Rows, data.Positions.Except([4, 8, 31]).ToArray(), seed: 5);
        using var unlearned = data.Unlearn(new InfluenceRemoval { Steps = 6, RelativeDamping = 0 }, 4, 8, 31);
        Assert.True(Distance(unlearned, retrained) < 1e-3 * Distance(data.Target, retrained),
            $"{Distance(unlearned, retrained)} of {Distance(data.Target, retrained)}");
    }

    [Fact]
    public void A_step_with_a_weight_goes_as_many_times_as_far()
    {
        using var data = UnlearningCase.Linear();
        using var once = data.Unlearn(new InfluenceRemoval(), 4, 8);
        using var thrice = data.Unlearn(new InfluenceRemoval { RemovalWeight = 3 }, 4, 8);
        AssertGoesThriceAsFar(data, once, thrice);
    }

    // The steps end at the minimum of L_r(θ) − ∇L(θ_target)·θ + 2·(∇L_r − ∇L)(θ_target)·θ.
    [Fact]
    public void Steps_with_a_weight_end_where_the_weighted_gradient_is_balanced()
    {
        using var data = UnlearningCase.Linear();
        int[] forget = [4, 8, 31], retained = [.. data.Positions.Except(forget)];
        float[] ofAll = data.Gradient(data.Positions), ofRetained = data.Gradient(retained), before = UnlearningCase.State(data.Target);
        using var unlearned = data.Unlearn(new InfluenceRemoval { Steps = 8, RelativeDamping = 0, RemovalWeight = 3 }, forget);
        float[] after = data.Gradient(retained, model: unlearned), moved = UnlearningCase.State(unlearned);
        for (var i = 0; i < moved.Length; i++)
            Assert.Equal(ofRetained[i] - 3 * (ofRetained[i] - ofAll[i]), after[i] + data.Recipe.WeightDecay * (moved[i] - before[i]), 1e-5);
    }

    // With weights of 0 and two classes every row has the same curvature of its logits, whichever label is drawn: the Kronecker product is exact.
    // The means of the diagonal and of the eigenvalues are the same, and so is the damping that is a multiple of them.
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Ekfac_is_the_whole_curvature_where_the_curvature_is_a_kronecker_product(double relativeDamping)
    {
        var random = new Random(1);
        using var rows = new TrainingRows([.. Enumerable.Range(0, 40).Select(row => $"{row}")],
            [.. Enumerable.Range(0, 40 * 5).Select(_ => random.NextSingle() - 0.3f)], 5, [.. Enumerable.Range(0, 40).Select(row => row % 2L)], 2);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(rows.FeatureCount, rows.ClassCount)) { WeightDecay = 0.01, Device = TorchDevice.Cpu };
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        using (torch.no_grad())
            foreach (var parameter in target.Module.parameters())
                parameter.zero_();
        var (whole, ekfac) = (Unlearn(int.MaxValue), Unlearn(0));
        Assert.Contains(whole, value => Math.Abs(value) > 1e-3);
        Assert.All(whole.Zip(ekfac), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * whole.Max(MathF.Abs)));

        float[] Unlearn(int maximumWholeCurvature)
        {
            using var unlearned = new InfluenceRemoval { RelativeDamping = relativeDamping, MaximumWholeCurvature = maximumWholeCurvature }.Unlearn(
                new UnlearningRequest(target, recipe, rows, [3, 9], seed: 11), CancellationToken.None);
            return UnlearningCase.State(unlearned.Model);
        }
    }

    [Fact]
    public void Ekfac_moves_a_network_much_as_the_whole_curvature_does()
    {
        using var data = UnlearningCase.Cnn();
        using var whole = data.Unlearn(new InfluenceRemoval { MaximumWholeCurvature = int.MaxValue }, 7);
        using var ekfac = data.Unlearn(new InfluenceRemoval { MaximumWholeCurvature = 0 }, 7);
        Assert.True(data.Confidences(ekfac)[7] < data.Confidences(data.Target)[7]);
        using var scope = torch.NewDisposeScope();
        var (first, second) = (Move(whole), Move(ekfac));
        Assert.True(first.dot(second).item<float>() > 0.7 * first.norm().item<float>() * second.norm().item<float>(),
            $"cosine {(first.dot(second) / first.norm() / second.norm()).item<float>()}");

        torch.Tensor Move(TorchTarget model) =>
            torch.tensor([.. UnlearningCase.State(model).Zip(UnlearningCase.State(data.Target), (after, before) => after - before)]);
    }

    internal static void AssertGoesThriceAsFar(UnlearningCase data, TorchTarget once, TorchTarget thrice)
    {
        var (before, first, second) = (UnlearningCase.State(data.Target), UnlearningCase.State(once), UnlearningCase.State(thrice));
        Assert.Contains(before.Zip(first), pair => Math.Abs(pair.First - pair.Second) > 1e-3);
        for (var i = 0; i < before.Length; i++)
            Assert.Equal(before[i] + 3 * (first[i] - before[i]), second[i], 1e-5f);
    }

    private static double Distance(TorchTarget first, TorchTarget second) =>
        Math.Sqrt(UnlearningCase.State(first).Zip(UnlearningCase.State(second), (a, b) => Math.Pow(a - b, 2)).Sum());
}
