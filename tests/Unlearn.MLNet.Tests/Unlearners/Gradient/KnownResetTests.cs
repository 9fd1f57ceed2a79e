using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Gradient;

/// <summary>Unlearners that overwrite parameters of a convolutional network, against slow loops over its values.</summary>
public sealed class KnownResetTests : IDisposable
{
    private readonly UnlearningCase _data = UnlearningCase.FullBatchCnn();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0.7, 0.5)]
    public void Dampening_multiplies_by_the_ratio_of_importances_where_it_exceeds_the_threshold(double threshold, double dampening)
    {
        int[] forget = [4, 7, 20];
        var before = _data.Target.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray()).ToArray();
        var (ofForgotten, ofAll) = (Importance(forget), Importance(_data.Positions));
        var expected = new double[before.Length];
        var dampened = 0;
        for (var i = 0; i < before.Length; i++)
        {
            var isSelected = ofForgotten[i] > threshold * ofAll[i];
            dampened += isSelected && dampening * ofAll[i] < ofForgotten[i] ? 1 : 0;
            expected[i] = isSelected ? before[i] * Math.Min(dampening * ofAll[i] / ofForgotten[i], 1) : before[i];
        }
        using var unlearned = _data.Unlearn(new SelectiveSynapticDampening { SelectionThreshold = threshold, Dampening = dampening }, forget);
        var after = unlearned.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray());
        Assert.InRange(dampened, 10, before.Length - 10);
        Assert.All(expected.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        double[] Importance(int[] rows)
        {
            var sum = new double[before.Length];
            foreach (var row in rows)
            {
                var gradient = _data.Gradient([row]);
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += (double)gradient[i] * gradient[i] / rows.Length;
            }
            return sum;
        }
    }

    // As many rows are forgotten as retained, so that the sample of the retained rows is all of them.
    [Fact]
    public void Masked_small_gradients_resets_the_smallest_differences_and_slows_the_others_down()
    {
        int[] forget = [.. _data.Positions.Where(row => row % 2 == 0)], retained = [.. _data.Positions.Except(forget)];
        float[] ofForgotten = _data.Gradient(forget), ofRetained = _data.Gradient(retained);
        using var untrained = TorchTarget.Untrained(_data.Recipe.Architecture, TorchDevice.Cpu, Seed.Derive(11, "initialisation"));
        using var expected = new Descent(_data);
        List<torch.Tensor> scales = [];
        var start = 0;
        foreach (var (parameter, fresh) in expected.Model.Module.parameters().Zip(untrained.Module.parameters()))
        {
            var (values, freshValues) = (parameter.detach().data<float>().ToArray(), fresh.data<float>().ToArray());
            var scale = Enumerable.Repeat(1f, values.Length).ToArray();
            if (parameter.dim() > 1)
            {
                var bySize = Enumerable.Range(0, values.Length).OrderBy(i => MathF.Abs(ofRetained[start + i] - ofForgotten[start + i])).ToArray();
                var reset = (int)Math.Round(0.3 * values.Length);
                foreach (var i in bySize[..reset])
                    values[i] = freshValues[i];
                foreach (var i in bySize[reset..])
                    scale[i] = 0.2f;
            }
            using (torch.no_grad())
                parameter.copy_(torch.tensor(values).reshape(parameter.shape));
            scales.Add(torch.tensor(scale).reshape(parameter.shape));
            start += values.Length;
        }
        for (var step = 0; step < 2; step++)
            expected.Step(expected.Loss(retained), (i, gradient) => gradient * scales[i]);
        using var unlearned = _data.Unlearn(new MaskedSmallGradients { Epochs = 2, KeptGradientScale = 0.2 }, forget);
        expected.AssertIs(unlearned);
    }

    [Fact]
    public void Convolution_transpose_swaps_height_and_width_of_every_kernel_then_fine_tunes()
    {
        int[] forget = [4, 7], retained = [.. _data.Positions.Except(forget)];
        using var expected = new Descent(_data);
        var transposed = 0;
        foreach (var weight in expected.Model.Module.parameters().Where(parameter => parameter.dim() == 4))
        {
            var values = weight.detach().data<float>().ToArray();
            var (kernels, size) = (weight.shape[0] * weight.shape[1], weight.shape[2]);
            var swapped = new float[values.Length];
            for (var kernel = 0L; kernel < kernels; kernel++)
                for (var h = 0L; h < size; h++)
                    for (var w = 0L; w < size; w++)
                        swapped[(kernel * size + h) * size + w] = values[(kernel * size + w) * size + h];
            using (torch.no_grad())
                weight.copy_(torch.tensor(swapped).reshape(weight.shape));
            transposed++;
        }
        Assert.Equal(2, transposed);
        for (var step = 0; step < 2; step++)
            expected.Step(expected.Loss(retained));
        using var unlearned = _data.Unlearn(new ConvolutionTranspose { Epochs = 2 }, forget);
        expected.AssertIs(unlearned);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void Convolution_transpose_swaps_a_share_of_the_kernels_of_each_layer(double share)
    {
        using var copy = _data.Target.Clone();
        ConvolutionTranspose.Transpose(copy, share, seed: 3);
        foreach (var (before, after) in _data.Target.Module.parameters().Zip(copy.Module.parameters()).Where(pair => pair.First.dim() == 4))
        {
            using var scope = torch.NewDisposeScope();
            int kernels = (int)(before.shape[0] * before.shape[1]), swapped = 0;
            for (var kernel = 0; kernel < kernels; kernel++)
            {
                var (first, second) = (before.flatten(0, 1)[kernel], after.flatten(0, 1)[kernel]);
                var isSwapped = second.equal(first.t()).all().item<bool>();
                Assert.True(isSwapped || second.equal(first).all().item<bool>());
                swapped += isSwapped ? 1 : 0;
            }
            Assert.Equal((int)Math.Round(share * kernels), swapped);
        }
    }
}
