using System.Numerics.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>The patches of images that a convolution looks at, each value of each patch: where in the image it is.</summary>
internal sealed class ImagePatches
{
    private const int Outside = -1;

    private readonly int[] _source;
    private readonly long _imageSize;

    /// <param name="convolution">A convolution with one group, and padded by zeros.</param>
    /// <param name="shape">Shape of an image: channels, height, width.</param>
    public ImagePatches(Conv2d convolution, IReadOnlyList<long> shape)
    {
        var (kernel, stride, padding, dilation) = (convolution.kernel_size, convolution.stride, convolution.padding!, convolution.dilation);
        Height = Size(0);
        Width = Size(1);
        Values = shape[0] * kernel[0] * kernel[1];
        _imageSize = shape[0] * shape[1] * shape[2];
        _source = new int[Values * Count];
        for (long value = 0, i = 0; value < Values; value++)
            for (var patch = 0L; patch < Count; patch++, i++)
            {
                var y = patch / Width * stride[0] - padding[0] + value / kernel[1] % kernel[0] * dilation[0];
                var x = patch % Width * stride[1] - padding[1] + value % kernel[1] * dilation[1];
                var channel = value / (kernel[0] * kernel[1]);
                _source[i] = y >= 0 && y < shape[1] && x >= 0 && x < shape[2] ? (int)((channel * shape[1] + y) * shape[2] + x) : Outside;
            }

        long Size(int axis) => (shape[axis + 1] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis] + 1;
    }

    /// <summary>Patches of a column of them.</summary>
    public long Height { get; }

    /// <summary>Patches of a row of them.</summary>
    public long Width { get; }

    /// <summary>Patches of an image.</summary>
    public long Count => Height * Width;

    /// <summary>Values of a patch.</summary>
    public long Values { get; }

    /// <summary>Reads the patches of images.</summary>
    /// <param name="images">K × values × rows.</param>
    /// <returns>K × values of all patches × rows. Values at the same place of different patches are next to each other.</returns>
    public torch.Tensor Read(torch.Tensor images)
    {
        var (models, rows) = (images.shape[0], (int)images.shape[2]);
        images = images.contiguous();
        var patches = torch.empty(models, _source.Length, rows);
        for (var model = 0L; model < models; model++)
        {
            var from = FloatSpan.Of(images, model);
            var to = FloatSpan.Of(patches, model);
            for (var i = 0; i < _source.Length; i++)
                if (_source[i] == Outside)
                    to.Slice(i * rows, rows).Clear();
                else
                    from.Slice(_source[i] * rows, rows).CopyTo(to[(i * rows)..]);
        }
        return patches;
    }

    /// <summary>Adds up values of patches where they lie in the images: the transpose of <see cref="Read"/>.</summary>
    public torch.Tensor Add(torch.Tensor patches)
    {
        var (models, rows) = (patches.shape[0], (int)patches.shape[2]);
        patches = patches.contiguous();
        var images = torch.zeros(models, _imageSize, rows);
        for (var model = 0L; model < models; model++)
        {
            var from = FloatSpan.Of(patches, model);
            var to = FloatSpan.Of(images, model);
            for (var i = 0; i < _source.Length; i++)
                if (_source[i] != Outside)
                {
                    var sum = to.Slice(_source[i] * rows, rows);
                    TensorPrimitives.Add(sum, from.Slice(i * rows, rows), sum);
                }
        }
        return images;
    }
}
