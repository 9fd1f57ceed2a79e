using System.Buffers.Binary;
using System.IO.Compression;

namespace Unlearn.MLNet.Reports.Pictures;

/// <summary>Encodes pictures as PNG (ISO/IEC 15948): eight bits a channel, no filter, one IDAT chunk.</summary>
internal static class PngEncoder
{
    // Small pictures gain little from compression, and stored bytes do not depend on the version of zlib.
    private const int StoredBelow = 16 * 1024;

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(n =>
    {
        var c = (uint)n;
        for (var k = 0; k < 8; k++)
            c = (c & 1) == 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;

        return c;
    })];

    public static byte[] Encode(RowPicture picture)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n']);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = (byte)(picture.Channels == 1 ? 0 : 2);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, Compress(picture));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    public static string ToDataUri(RowPicture picture) => $"data:image/png;base64,{Convert.ToBase64String(Encode(picture))}";

    private static byte[] Compress(RowPicture picture)
    {
        using var data = new MemoryStream();
        using (var zlib =
            new ZLibStream(data, picture.Pixels.Length < StoredBelow ? CompressionLevel.NoCompression : CompressionLevel.SmallestSize, leaveOpen: true))
        {
            foreach (var line in picture.Pixels.Chunk(picture.Width * picture.Channels))
            {
                zlib.WriteByte(0);
                zlib.Write(line);
            }
        }

        return data.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        png.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            crc = CrcTable[(crc ^ b) & 0xFF] ^ crc >> 8;

        return crc;
    }
}
