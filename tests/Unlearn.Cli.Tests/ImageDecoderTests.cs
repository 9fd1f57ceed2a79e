using SkiaSharp;
using Unlearn.Cli.Images;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>Images as cameras and tools write them.</summary>
public sealed class ImageDecoderTests
{
    private const int Side = 16;

    // Corners in reading order: red, green, blue, white.
    private static readonly SKColor[] Corners = [SKColors.Red, SKColors.Lime, SKColors.Blue, SKColors.White];

    /// <summary>Which corner of the file is shown in each corner, in reading order (EXIF 2.32, tag Orientation).</summary>
    [Theory]
    [InlineData(1, "0123")]
    [InlineData(2, "1032")]
    [InlineData(3, "3210")]
    [InlineData(4, "2301")]
    [InlineData(5, "0213")]
    [InlineData(6, "2031")]
    [InlineData(7, "3120")]
    [InlineData(8, "1302")]
    public void A_photograph_is_turned_as_its_EXIF_data_says(byte orientation, string shown)
    {
        using var bitmap = Quarters(SKColorType.Rgba8888);
        var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 100).ToArray();
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0,
        ];
        AssertCorners(ImageDecoder.Decode([.. jpeg[..2], .. exif, .. jpeg[2..]], Side, "photo"), [.. shown.Select(corner => Corners[corner - '0'])]);
    }

    [Theory]
    [InlineData(SKColorType.Rgb565)]
    [InlineData(SKColorType.Rgba8888)]
    public void Pixels_of_other_depths_become_RGB(SKColorType type)
    {
        using var bitmap = Quarters(type);
        AssertCorners(ImageDecoder.Decode(bitmap.Encode(SKEncodedImageFormat.Png, 100).ToArray(), Side, "picture"), Corners);
    }

    [Fact]
    public void Gray_is_the_same_in_all_channels()
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Gray8, SKAlphaType.Opaque);
        bitmap.Erase(new SKColor(90, 90, 90));
        Assert.All(ImageDecoder.Decode(bitmap.Encode(SKEncodedImageFormat.Png, 100).ToArray(), Side, "gray"), value => Assert.Equal(90, value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_16_bits_the_upper_8_are_taken_and_of_an_animation_the_first_frame(bool isAnimated)
    {
        var rgb = ImageDecoder.Decode(RawImages.Png16(Side, [0x64C8, 0x0A7F, 0xFF00], isAnimated), Side, "deep");
        Assert.All(rgb.Chunk(RgbImage.Channels), pixel => Assert.Equal([0x64, 0x0A, 0xFF], pixel.Select(value => value & ~1), (a, b) => Math.Abs(a - b) <= 1));
    }

    [Fact]
    public void CMYK_becomes_RGB()
    {
        var rgb = ImageDecoder.Decode(RawImages.CmykJpeg(cyan: 0, magenta: 128, yellow: 255, black: 51), 8, "print");
        Assert.All(rgb.Chunk(RgbImage.Channels), pixel =>
        {
            Assert.InRange(pixel[0], 200, 208); // (255 − 0) (255 − 51) / 255
            Assert.InRange(pixel[1], 98, 106);
            Assert.InRange(pixel[2], 0, 4);
        });
    }

    private static SKBitmap Quarters(SKColorType type)
    {
        var bitmap = new SKBitmap(Side, Side, type, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        for (var corner = 0; corner < Corners.Length; corner++)
        {
            using var paint = new SKPaint { Color = Corners[corner] };
            canvas.DrawRect(SKRect.Create(corner % 2 * Side / 2, corner / 2 * Side / 2, Side / 2, Side / 2), paint);
        }
        canvas.Flush();
        return bitmap;
    }

    private static void AssertCorners(byte[] rgb, SKColor[] expected)
    {
        int[] places = [0, Side - 1, (Side - 1) * Side, Side * Side - 1];
        for (var corner = 0; corner < places.Length; corner++)
        {
            var pixel = rgb.AsSpan(places[corner] * RgbImage.Channels, RgbImage.Channels);
            byte[] sought = [expected[corner].Red, expected[corner].Green, expected[corner].Blue];
            for (var channel = 0; channel < sought.Length; channel++)
                Assert.InRange(pixel[channel], sought[channel] - 20, sought[channel] + 20);
        }
    }
}
