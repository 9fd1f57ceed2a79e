using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Gradients;

public sealed class LogitGradientsTests
{
    [Theory]
    [InlineData(0, 30)] // of the label itself: the row is right, and saturated
    [InlineData(1, 30)] // of another class: the row is wrong
    [InlineData(0, 3)]
    public void They_equal_those_in_double_precision_in_every_entry(int label, float margin)
    {
        using var scope = torch.NewDisposeScope();
        float[] logits = [margin, 0, -1.5f];
        var actual = LogitGradients.OfLoss(torch.tensor(logits, [1, 3]).log_softmax(1), torch.tensor([(long)label])).data<float>().ToArray();

        double[] odds = [.. logits.Select(logit => Math.Exp((double)logit - margin))];
        for (var k = 0; k < 3; k++)
        {
            var expected = (k == label ? -odds.Where((_, other) => other != label).Sum() : odds[k]) / odds.Sum();
            Assert.Equal(expected, actual[k], 1e-5 * Math.Abs(expected));
        }
    }
}
