using SkiaSharp;

namespace Unlearn.Examples.Tests;

/// <summary>Small image files.</summary>
internal static class TestImages
{
    public static byte[] Encode(int width, int height, SKEncodedImageFormat format, Func<int, int, SKColor> color)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, color(x, y));
        using var data = bitmap.Encode(format, quality: 95);
        return data.ToArray();
    }

    public static byte[] Plain(SKColor color, int side = 32, SKEncodedImageFormat format = SKEncodedImageFormat.Png) =>
        Encode(side, side, format, (_, _) => color);
}
