using Unlearn.Transforms.Tests.Torch.PerSample.Samplers;
using Xunit;
using static TorchSharp.torch;

namespace Unlearn.Transforms.Tests.Torch.Modules;

public sealed class SelfAttentionTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("attention", [4, 6], () => new SelfAttention(6, 2)),
        LayerCase.OfLayer("causal attention without biases", [4, 6], () => new SelfAttention(6, 3, hasBias: false, isCausal: true)),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_the_attention_of_the_paper(bool isCausal)
    {
        using var scope = NewDisposeScope();
        using var attention = new SelfAttention(6, 2, isCausal: isCausal);
        var x = randn(3, 4, 6);
        var parameters = attention.state_dict();
        Tensor Project(string name, Tensor input) => nn.functional.linear(input, parameters[name + ".weight"], parameters[name + ".bias"]);
        var heads = Enumerable.Range(0, 2).Select(head =>
        {
            var (query, key, value) =
                (Project("query", x).narrow(2, 3 * head, 3), Project("key", x).narrow(2, 3 * head, 3), Project("value", x).narrow(2, 3 * head, 3));
            var scores = query.matmul(key.transpose(1, 2)) / Math.Sqrt(3);
            if (isCausal)
                scores = scores.masked_fill(ones([4, 4], ScalarType.Bool).triu(1), float.NegativeInfinity);
            return scores.softmax(2).matmul(value);
        });
        var difference = Project("output", cat([.. heads], 2)) - attention.call(x);
        Assert.True(difference.abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void The_width_must_be_a_multiple_of_the_heads()
    {
        Assert.Contains("7", Assert.Throws<ArgumentException>(() => new SelfAttention(7, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SelfAttention(6, 0));
    }
}
