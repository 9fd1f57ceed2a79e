using SkiaSharp;
using Unlearn.Cli.Images;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class RgbImageTests
{
    [Fact]
    public void The_middle_square_is_decoded()
    {
        var file = TestImages.Encode(4, 2, SKEncodedImageFormat.Png, (x, y) => new((byte)(10 * x), (byte)(100 * y), 7));
        Assert.Equal([10, 0, 7, 20, 0, 7, 10, 100, 7, 20, 100, 7], ImageDecoder.Decode(file, 2, "image"));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public void A_plain_image_keeps_its_color_when_it_is_scaled(int side)
    {
        var pixels = ImageDecoder.Decode(TestImages.Plain(new(200, 100, 50), 33, SKEncodedImageFormat.Jpeg), side, "image");
        Assert.Equal(3 * side * side, pixels.Length);
        Assert.All(pixels.Chunk(3), pixel =>
        {
            Assert.InRange(pixel[0], 195, 205);
            Assert.InRange(pixel[1], 95, 105);
            Assert.InRange(pixel[2], 45, 55);
        });
    }

    [Fact]
    public void Rows_are_standardized_channel_by_channel_in_the_order_of_their_ids()
    {
        var images = Enumerable.Range(0, 300)
            .Select(i => new RgbImage($"{i}", i % 2, side => [.. Enumerable.Range(0, 3 * side * side).Select(value => (byte)((value * 7 + i) % 256))]));
        using var rows = RgbImage.ToTrainingRows(images, 2, 2, [0.5f, 0.25f, 0], [0.5f, 1, 2]);
        Assert.Equal(300, rows.Count);
        Assert.Equal("299", rows.Ids[299]);
        Assert.Equal(1, rows.LabelAt(299));
        var pixels = Enumerable.Range(0, 12).Select(value => (value * 7 + 299) % 256 / 255.0).ToArray();
        double[] expected =
        [
            .. Enumerable.Range(0, 4).Select(i => (pixels[3 * i] - 0.5) / 0.5),
            .. Enumerable.Range(0, 4).Select(i => pixels[3 * i + 1] - 0.25),
            .. Enumerable.Range(0, 4).Select(i => pixels[3 * i + 2] / 2),
        ];
        foreach (var (actual, value) in rows.FeaturesAt(299).ToArray().Zip(expected))
            Assert.Equal(value, actual, 1e-6);
    }

    [Fact]
    public void A_broken_image_is_named()
    {
        var whole = TestImages.Plain(SKColors.Red);
        var images = new[]
        {
            new RgbImage("a", 0, side => ImageDecoder.Decode(whole, side, "a.png")),
            new RgbImage("b", 1, side => ImageDecoder.Decode([1, 2, 3], side, "b.png")),
        };
        Assert.Contains("'b.png'", Assert.Throws<InvalidDataException>(() => RgbImage.ToTrainingRows(images, 8, 2, [0, 0, 0], [1, 1, 1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(whole[..^40], 32, "a.png")).Message, StringComparison.Ordinal);
    }
}
