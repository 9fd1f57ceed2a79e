using CsCheck;
using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.Training.Stacked;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.Training.Stacked;

public sealed class StackedCrossEntropyTests
{
    [Fact]
    public void Losses_and_gradients_are_those_of_automatic_differentiation() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[2, 7], Gen.Int[1, 70], Gen.Int[0, 1000], Gen.OneOf(Gen.Const(0.1f), Gen.Const(3f), Gen.Const(60f))).Sample(
            (models, classes, rows, seed, scale) =>
            {
                using var scope = torch.NewDisposeScope();
                using var generator = new torch.Generator((ulong)seed);
                var logits = (torch.randn([models, classes, rows], generator: generator) * scale).requires_grad_(true);
                var weights = torch.randn([models, rows], generator: generator);
                weights[0, 0] = 0;
                var labels = torch.randint(0, classes, [models, rows], dtype: torch.ScalarType.Int64, generator: generator);
                var losses = (torch.nn.functional.cross_entropy(logits, labels, reduction: torch.nn.Reduction.None) * weights).sum(1);
                losses.sum().backward();

                var gradient = logits.detach().clone();
                var found = StackedCrossEntropy.Differentiate(gradient, labels.data<long>().ToArray(), weights.data<float>().ToArray());

                Assert.True((gradient - logits.grad!).abs().max().item<float>() < 1e-6);
                foreach (var (expected, actual) in losses.data<float>().ToArray().Zip(found))
                    Assert.Equal(expected, actual, 1e-5 * (1 + scale * rows));
            }, iter: 50);

    [Fact]
    public void Logits_that_are_not_finite_show_in_the_loss_of_their_model_alone()
    {
        using var scope = torch.NewDisposeScope();
        var logits = torch.zeros(2, 3, 5);
        FloatSpan.Of(logits)[4] = float.NaN;
        var losses = StackedCrossEntropy.Differentiate(logits, new long[10], Enumerable.Repeat(0.2f, 10).ToArray());
        Assert.True(float.IsNaN(losses[0]));
        Assert.Equal(MathF.Log(3), losses[1], 1e-6);
    }
}
