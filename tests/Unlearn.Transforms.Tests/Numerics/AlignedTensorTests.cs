using TorchSharp;
using Unlearn.Transforms.Numerics;
using Xunit;

namespace Unlearn.Transforms.Tests.Numerics;

/// <summary>Products of the same numbers are the same bits wherever the numbers lie.</summary>
public sealed class AlignedTensorTests
{
    private const int Width = 37;

    [Fact]
    public void Products_do_not_depend_on_the_place_of_a_matrix_in_memory()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(1);
        var (left, right) = (torch.randn([5, Width], generator: generator), torch.randn([Width, 11], generator: generator));
        var expected = left.matmul(right);
        for (var offset = 0; offset < 16; offset++)
        {
            var shifted = torch.zeros(offset + left.numel()).narrow(0, offset, left.numel()).view(5, Width);
            shifted.copy_(left);
            var aligned = AlignedTensor.Of(shifted);
            Assert.Equal(offset is 0, ReferenceEquals(shifted, aligned));
            Assert.Equal(expected.data<float>().ToArray(), aligned.matmul(right).data<float>().ToArray());
        }
    }
}
