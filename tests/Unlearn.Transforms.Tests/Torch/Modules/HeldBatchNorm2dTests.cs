using TorchSharp;
using Unlearn.Transforms.Torch.Modules;
using Xunit;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.Modules;

public sealed class HeldBatchNorm2dTests
{
    private const int Channels = 3;

    [Fact]
    public void It_is_torchs_own_bit_by_bit_in_training_and_in_evaluation()
    {
        using var scope = torch.NewDisposeScope();
        using var held = new HeldBatchNorm2d(Channels);
        using var own = BatchNorm2d(Channels);
        Assert.Equal(own.state_dict().Keys, held.state_dict().Keys);
        Assert.Equal(own.named_parameters().Select(parameter => parameter.name), held.named_parameters().Select(parameter => parameter.name));
        var generator = new torch.Generator(1);
        for (var batch = 0; batch < 4; batch++)
        {
            var input = torch.rand([5, Channels, 4, 2], generator: generator);
            Equal(own.call(input), held.call(input));
            Equal(Gradient(own, input), Gradient(held, input));
        }
        Assert.Equal(8, held.state_dict()["num_batches_tracked"].item<long>());
        foreach (var (name, tensor) in own.state_dict())
            Equal(tensor, held.state_dict()[name]);
        own.eval();
        held.eval();
        var alone = torch.rand([1, Channels, 4, 2], generator: generator);
        Equal(own.call(alone), held.call(alone));
        Assert.Equal(8, held.state_dict()["num_batches_tracked"].item<long>());
        Assert.Contains("has 2", Assert.Throws<ArgumentException>(() => held.call(torch.ones(2, Channels))).Message, StringComparison.Ordinal);

        static torch.Tensor Gradient(Module<torch.Tensor, torch.Tensor> layer, torch.Tensor input)
        {
            layer.zero_grad();
            var output = layer.call(input);
            (output * output).sum().backward();
            return layer.named_parameters().Single(parameter => parameter.name == "weight").parameter.grad!.clone();
        }

        static void Equal(torch.Tensor expected, torch.Tensor actual) => Assert.True(expected.equal(actual).all().item<bool>(), $"{expected} {actual}");
    }
}
