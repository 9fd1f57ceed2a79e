using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using ZstdSharp;

namespace Unlearn.Cli.Tables;

/// <summary>Unpacks compressed files as a whole. The streams of .NET take a cut file for a shorter one; here it is an error.</summary>
internal static class Decompression
{
    private const int MostBytes = int.MaxValue - 64;
    private const int GzipTrailer = 8;

    /// <summary>Unpacks gzip, after the sums of its last member.</summary>
    /// <exception cref="InvalidDataException">It is damaged or cut.</exception>
    public static byte[] Gzip(byte[] packed)
    {
        using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        var bytes = Read(stream);
        if (packed.Length < GzipTrailer)
            throw new InvalidDataException("cut");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(^4..));
        var sum = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(^8..^4));
        return size <= bytes.Length && Sum(bytes.AsSpan(bytes.Length - (int)size)) == sum ? bytes : throw new InvalidDataException("cut");
    }

    /// <summary>Unpacks brotli.</summary>
    /// <exception cref="InvalidDataException">It is damaged or cut.</exception>
    public static byte[] Brotli(byte[] packed)
    {
        using var decoder = new BrotliDecoder();
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        ReadOnlySpan<byte> rest = packed;
        while (true)
        {
            var status = decoder.Decompress(rest, buffer, out var consumed, out var written);
            Write(bytes, buffer.AsSpan(0, written));
            rest = rest[consumed..];
            if (status == OperationStatus.Done && rest.IsEmpty)
                return bytes.ToArray();
            if (status != OperationStatus.DestinationTooSmall)
                throw new InvalidDataException("cut");
        }
    }

    /// <summary>Unpacks zstd.</summary>
    /// <exception cref="InvalidDataException">It is damaged or cut.</exception>
    public static byte[] Zstd(byte[] packed)
    {
        try
        {
            using var stream = new DecompressionStream(new MemoryStream(packed));
            return Read(stream);
        }
        catch (Exception damaged) when (damaged is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException(damaged.Message, damaged);
        }
    }

    private static byte[] Read(Stream stream)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
            Write(bytes, buffer.AsSpan(0, count));
        return bytes.ToArray();
    }

    private static void Write(MemoryStream bytes, ReadOnlySpan<byte> more)
    {
        if (bytes.Length + more.Length > MostBytes)
            throw new IOException("The table holds more than 2 GB once it is unpacked: name a sample of its rows.");
        bytes.Write(more);
    }

    // CRC-32 of RFC 1952, section 8.
    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
            sum = Table[(byte)(sum ^ value)] ^ sum >> 8;
        return ~sum;
    }

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256)
        .Select(value => Enumerable.Range(0, 8).Aggregate((uint)value, (sum, _) => (sum & 1) == 0 ? sum >> 1 : sum >> 1 ^ 0xedb88320))];
}
