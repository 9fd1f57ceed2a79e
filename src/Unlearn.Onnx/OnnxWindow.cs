namespace Unlearn.Onnx;

/// <summary>Where the window of a convolution or a pooling lies on an image: heights first.</summary>
internal sealed record OnnxWindow((long, long) Kernel, (long, long) Stride, (long, long) Padding, (long, long) Dilation)
{
    private const long Most = 1 << 12;

    /// <summary>Reads the attributes of an operator.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="kernel">Its kernel where the weights tell; else the attribute does.</param>
    /// <exception cref="NotSupportedException">The window has not two dimensions, is padded unevenly, or depends on the size of the image.</exception>
    public static OnnxWindow Read(OnnxNode node, IReadOnlyList<long>? kernel = null)
    {
        if (node.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
            throw Refused("pads by the size of the image");
        if (node.Integer("ceil_mode", 0) != 0)
            throw Refused("rounds sizes up");
        var sizes = kernel ?? node.Integers("kernel_shape") ?? [];
        var pads = node.Integers("pads") ?? [0, 0, 0, 0];
        if (pads is not [var top, var left, var bottom, var right] || top != bottom || left != right)
            throw Refused("pads its sides unevenly");
        var window = new OnnxWindow(Pair(sizes), Pair(node.Integers("strides") ?? [1, 1]), (top, left), Pair(node.Integers("dilations") ?? [1, 1]));
        return top < 0 || left < 0 || top > Most || left > Most ? throw Refused("has a padding that no layer has") : window;

        (long, long) Pair(IReadOnlyList<long> values) => values is [var height, var width] && height is >= 1 and <= Most && width is >= 1 and <= Most
            ? (height, width)
            : throw Refused($"has a window of [{string.Join(" × ", values)}], not of two sizes");

        NotSupportedException Refused(string why) => new(OnnxLayers.Refusal(node.Type, why));
    }

    /// <summary>Size of what comes out.</summary>
    public (long Height, long Width) Slide(long height, long width) => (
        Slide(height, Kernel.Item1, Stride.Item1, Padding.Item1, Dilation.Item1), Slide(width, Kernel.Item2, Stride.Item2, Padding.Item2, Dilation.Item2));

    public override string ToString() => $"{Kernel.Item1}x{Kernel.Item2},stride={Stride.Item1}x{Stride.Item2},pad={Padding.Item1}x{Padding.Item2}"
        + (Dilation == (1, 1) ? "" : $",dilation={Dilation.Item1}x{Dilation.Item2}");

    private static long Slide(long size, long kernel, long stride, long padding, long dilation)
    {
        var room = size + 2 * padding - dilation * (kernel - 1) - 1;
        return room < 0 ? 0 : room / stride + 1;
    }
}
