using SkiaSharp;

namespace Unlearn.Cli.Images;

/// <summary>Decodes JPEG, PNG and other image files.</summary>
internal static class ImageDecoder
{
    /// <summary>
    /// Decodes the middle square of an image and scales it, the way up that its EXIF data says. What is transparent is black; of an animated image the first
    /// frame is taken; gray and palettes become RGB.
    /// </summary>
    /// <param name="file">The file's content.</param>
    /// <param name="side">Side of the result in pixels.</param>
    /// <param name="name">The image's name, for errors.</param>
    /// <returns>Red, green and blue of each pixel together.</returns>
    /// <exception cref="InvalidDataException">It is no image, or damaged.</exception>
    public static byte[] Decode(byte[] file, int side, string name)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null)
            throw new InvalidDataException($"'{name}' is no image that can be decoded.");
        // Premultiplied, what is transparent is black.
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul;
        using var whole = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, alpha));
        if (codec.GetPixels(whole.Info, whole.GetPixels()) != SKCodecResult.Success)
            throw new InvalidDataException($"'{name}' is damaged: its pixels cannot be decoded.");

        var edge = Math.Min(whole.Width, whole.Height);
        using var square = new SKBitmap();
        whole.ExtractSubset(square, SKRectI.Create((whole.Width - edge) / 2, (whole.Height - edge) / 2, edge, edge));
        if (edge == side)
            return Rgb(square, side, codec.EncodedOrigin);
        using var scaled = square.Resize(new SKImageInfo(side, side, SKColorType.Rgba8888, alpha), SKFilterQuality.Medium);
        return Rgb(scaled, side, codec.EncodedOrigin);
    }

    private static byte[] Rgb(SKBitmap bitmap, int side, SKEncodedOrigin origin)
    {
        const int bytesPerPixel = 4;
        var pixels = bitmap.GetPixelSpan();
        var rgb = new byte[side * side * RgbImage.Channels];
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var (fromX, fromY) = Source(x, y, side - 1, origin);
                pixels.Slice(fromY * bitmap.RowBytes + fromX * bytesPerPixel, RgbImage.Channels).CopyTo(rgb.AsSpan((y * side + x) * RgbImage.Channels));
            }
        return rgb;
    }

    // Where a pixel lies in the file, whose first row and first column are at the named sides.
    private static (int X, int Y) Source(int x, int y, int last, SKEncodedOrigin origin) => origin switch
    {
        SKEncodedOrigin.TopRight => (last - x, y),
        SKEncodedOrigin.BottomRight => (last - x, last - y),
        SKEncodedOrigin.BottomLeft => (x, last - y),
        SKEncodedOrigin.LeftTop => (y, x),
        SKEncodedOrigin.RightTop => (y, last - x),
        SKEncodedOrigin.RightBottom => (last - y, last - x),
        SKEncodedOrigin.LeftBottom => (last - y, x),
        _ => (x, y),
    };
}
