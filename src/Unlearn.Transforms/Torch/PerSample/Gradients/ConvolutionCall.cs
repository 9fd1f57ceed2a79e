using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// A call of a convolution. Its blocks hold, for each column of the kernel, the input columns that it meets, next to each other; a row of the kernel is then
/// a shift by whole image rows. A vertical stride needs one block for each remainder of the rows by the stride.
/// </summary>
internal sealed class ConvolutionCall : FactoredCall
{
    private readonly ConvolutionGeometry _geometry;
    private readonly torch.Tensor _images;
    private readonly (long Height, long Width) _output;
    private readonly long[] _phases;

    /// <param name="geometry">Sizes of the convolution.</param>
    /// <param name="images">Input: rows × channels × height × width.</param>
    /// <param name="outputGradient">rows × channels × height × width.</param>
    public ConvolutionCall(ConvolutionGeometry geometry, torch.Tensor images, torch.Tensor outputGradient)
        : base(outputGradient.reshape(
            outputGradient.shape[0] * geometry.Groups, outputGradient.shape[1] / geometry.Groups, outputGradient.shape[2] * outputGradient.shape[3]))
    {
        _geometry = geometry;
        _images = images.reshape(images.shape[0] * geometry.Groups, images.shape[1] / geometry.Groups, images.shape[2], images.shape[3]);
        _output = (outputGradient.shape[2], outputGradient.shape[3]);
        var (stride, dilation) = (geometry.Stride.Height, geometry.Dilation.Height);
        var shifts = Enumerable.Range(0, (int)geometry.Kernel.Height).Select(row => row * dilation).ToArray();
        _phases = [.. shifts.Select(shift => shift % stride).Distinct()];
        Layout = new(_images.shape[1], geometry.Kernel.Width,
            [.. _phases.Select(phase => (shifts.Where(shift => shift % stride == phase).Max() / stride + _output.Height) * _output.Width)],
            [.. shifts.Select(shift => new PatchLayout.Tap(Array.IndexOf(_phases, shift % stride), shift / stride * _output.Width))],
            _output.Height * _output.Width);
    }

    public override PatchLayout Layout { get; }

    public override IReadOnlyList<torch.Tensor> Blocks(long start, long count)
    {
        var (stride, dilation) = (_geometry.Stride, _geometry.Dilation);
        var images = _geometry.Pad(_images.narrow(0, start, count));
        return [.. _phases.Select((phase, block) =>
        {
            var height = Layout.Lengths[block] / _output.Width;
            var lines = images.slice(2, phase, phase + (height - 1) * stride.Height + 1, stride.Height);
            var columns = Enumerable.Range(0, (int)_geometry.Kernel.Width)
                .Select(column => lines.slice(3, column * dilation.Width, column * dilation.Width + (_output.Width - 1) * stride.Width + 1, stride.Width));
            return torch.stack(columns, 2).reshape(count, Layout.TapWidth, Layout.Lengths[block]);
        })];
    }

    public override torch.Tensor Apply(torch.Tensor weight, torch.Tensor? bias)
    {
        var images =
            _geometry.Pad(_images.reshape(_images.shape[0] / _geometry.Groups, _images.shape[1] * _geometry.Groups, _images.shape[2], _images.shape[3]));
        var kernels = weight.reshape(weight.shape[0], weight.shape[1], _geometry.Kernel.Height, _geometry.Kernel.Width);
        var output = torch.nn.functional.conv2d(images, kernels, bias, [_geometry.Stride.Height, _geometry.Stride.Width], [0, 0],
            [_geometry.Dilation.Height, _geometry.Dilation.Width], _geometry.Groups);
        return output.reshape(OutputGradients.shape);
    }
}
