using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Unlearn.Cli.Tests;

/// <summary>Image files of kinds that SkiaSharp reads and does not write.</summary>
internal static class RawImages
{
    /// <summary>A PNG file of one color with 16 bits a channel.</summary>
    /// <param name="side">Side in pixels.</param>
    /// <param name="rgb">The color.</param>
    /// <param name="isAnimated">Whether it is an animation, of one more frame.</param>
    public static byte[] Png16(int side, ushort[] rgb, bool isAnimated)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Chunk("IHDR", [.. BigEndian(side), .. BigEndian(side), 16, 2, 0, 0, 0]);
        if (isAnimated)
        {
            Chunk("acTL", [.. BigEndian(2), .. BigEndian(0)]);
            Chunk("fcTL", FrameControl(0));
        }
        Chunk("IDAT", Pixels(rgb));
        if (isAnimated)
        {
            Chunk("fcTL", FrameControl(1));
            Chunk("fdAT", [.. BigEndian(2), .. Pixels([0, 0, 0])]);
        }
        Chunk("IEND", []);
        return file.ToArray();

        byte[] FrameControl(int number) =>
            [.. BigEndian(number), .. BigEndian(side), .. BigEndian(side), .. BigEndian(0), .. BigEndian(0), 0, 1, 0, 10, 0, 0];

        byte[] Pixels(ushort[] color)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
                for (var y = 0; y < side; y++)
                {
                    zlib.WriteByte(0); // no filter
                    for (var x = 0; x < side; x++)
                        foreach (var value in color)
                            zlib.Write([(byte)(value >> 8), (byte)value]);
                }
            return packed.ToArray();
        }

        void Chunk(string name, byte[] content)
        {
            byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
            file.Write(BigEndian(content.Length));
            file.Write(named);
            file.Write(BigEndian((int)Crc32(named)));
        }
    }

    /// <summary>A JPEG file of 8 × 8 pixels of one color, inverted as Adobe's programs write CMYK.</summary>
    public static byte[] CmykJpeg(byte cyan, byte magenta, byte yellow, byte black)
    {
        using var file = new MemoryStream();
        file.Write([0xFF, 0xD8]);
        Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]);
        Segment(0xDB, [0, .. Enumerable.Repeat((byte)8, 64)]);
        Segment(0xC0, [8, 0, 8, 0, 8, 4, .. Enumerable.Range(1, 4).SelectMany(component => new byte[] { (byte)component, 0x11, 0 })]);
        Segment(0xC4, [0x00, 0, 0, 0, 9, .. new byte[12], .. Enumerable.Range(0, 9).Select(category => (byte)category)]); // 4 bits each
        Segment(0xC4, [0x10, 1, .. new byte[15], 0]); // the end of a block is the bit 0
        Segment(0xDA, [4, .. Enumerable.Range(1, 4).SelectMany(component => new byte[] { (byte)component, 0 }), 0, 63, 0]);
        var bits = new StringBuilder();
        foreach (var ink in new[] { cyan, magenta, yellow, black })
        {
            var mean = 255 - ink - 128; // the only coefficient, in steps of 8 / 8
            var category = mean == 0 ? 0 : (int)Math.Log2(Math.Abs(mean)) + 1;
            bits.Append(Bits(category, 4));
            if (category > 0)
                bits.Append(Bits(mean > 0 ? mean : mean + (1 << category) - 1, category));
            bits.Append('0');
        }
        bits.Append('1', (8 - bits.Length % 8) % 8);
        foreach (var eight in bits.ToString().Chunk(8))
        {
            var value = Convert.ToByte(new string(eight), 2);
            file.Write(value == 0xFF ? [value, 0] : [value]);
        }
        file.Write([0xFF, 0xD9]);
        return file.ToArray();

        static string Bits(int value, int count) => Convert.ToString(value, 2).PadLeft(count, '0');

        void Segment(byte marker, byte[] content)
        {
            file.Write([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2)]);
            file.Write(content);
        }
    }

    private static uint Crc32(byte[] bytes)
    {
        var remainder = uint.MaxValue;
        foreach (var value in bytes)
        {
            remainder ^= value;
            for (var bit = 0; bit < 8; bit++)
                remainder = (remainder & 1) == 0 ? remainder >> 1 : remainder >> 1 ^ 0xEDB88320;
        }
        return ~remainder;
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
