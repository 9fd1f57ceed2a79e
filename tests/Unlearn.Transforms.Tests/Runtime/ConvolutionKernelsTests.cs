using Unlearn.Transforms.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Unlearn.Transforms.Tests.Runtime;

/// <summary>On a processor that hides its cache sizes these fail without what <see cref="ConvolutionKernels"/> does.</summary>
public sealed class ConvolutionKernelsTests
{
    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(4, 8, 2)]
    [InlineData(17, 5, 1)]
    [InlineData(48, 16, 2)]
    public void Convolutions_equal_those_in_double_precision(int inputs, int outputs, int stride)
    {
        TorchRuntime.EnsureAvailable();
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var (images, weight) = (rand([3, inputs, 9, 9], generator: generator), rand([outputs, inputs, 3, 3], generator: generator));
        foreach (var (single, exact) in Results(ScalarType.Float32).Zip(Results(ScalarType.Float64)))
            Assert.True(single.to(ScalarType.Float64).allclose(exact, rtol: 1e-4, atol: 1e-4 * exact.abs().max().item<double>()));

        Tensor[] Results(ScalarType type)
        {
            var (x, w) = (images.to(type, copy: true).requires_grad_(true), weight.to(type, copy: true).requires_grad_(true));
            var output = nn.functional.conv2d(x, w, null, [stride, stride], [1, 1]);
            return [output.detach(), .. autograd.grad([output], [x, w], [output.detach()])];
        }
    }

    [Fact]
    public void The_check_at_start_sees_that_they_are_right()
    {
        TorchRuntime.EnsureAvailable();
        Assert.True(ConvolutionKernels.AreRight());
    }
}
