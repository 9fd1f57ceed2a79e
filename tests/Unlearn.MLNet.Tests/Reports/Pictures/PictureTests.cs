using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Unlearn.MLNet.Reports;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports.Pictures;

public sealed class PictureTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(28, 28, 1)]
    [InlineData(7, 3, 3)]
    [InlineData(200, 90, 3)]
    public void PicturesOfTheReportDecodeToTheirPixels(int width, int height, int channels)
    {
        var pixels = new byte[width * height * channels];
        new Random(11).NextBytes(pixels);
        var html = HtmlReport.Render(StudyFixture.Study(), id => id == "0" ? new RowPicture(width, height, channels, pixels) : null);
        var png = Convert.FromBase64String(Regex.Match(html, "data:image/png;base64,([^\"]*)").Groups[1].Value);

        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        var chunks = Chunks(png).ToArray();
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Select(c => c.Type));
        var header = chunks[0].Data;
        Assert.Equal((width, height), (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4))));
        Assert.Equal([8, (byte)(channels == 1 ? 0 : 2), 0, 0, 0], header[8..]);

        using var inflated = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(chunks[1].Data), CompressionMode.Decompress))
            zlib.CopyTo(inflated);

        var lines = inflated.ToArray().Chunk(1 + width * channels).ToArray();
        Assert.All(lines, line => Assert.Equal(0, line[0]));
        Assert.Equal(pixels, lines.SelectMany(line => line[1..]));
    }

    [Fact]
    public void SizesThatDoNotFitAreErrors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowPicture(0, 1, 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowPicture(1, 1, 2, [1, 2]));
        Assert.Contains(
            "2 × 2 × 3 does not have 4 bytes", Assert.Throws<ArgumentException>(() => new RowPicture(2, 2, 3, new byte[4])).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Type, byte[] Data)> Chunks(byte[] png)
    {
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            Assert.Equal(SlowCrc(png.AsSpan(at + 4, length + 4)), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)));
            yield return (Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }
    }

    private static uint SlowCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var odd = ((crc ^ (uint)(b >> bit)) & 1) == 1;
                crc = crc >> 1 ^ (odd ? 0xEDB88320 : 0);
            }
        }

        return ~crc;
    }
}
