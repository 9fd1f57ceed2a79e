using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Unlearn.Transforms.Rows;

/// <summary>
/// Keys by which statistics find a training row again: the first 64 bits of a SHA-256. Among a million rows two keys are equal by chance
/// with a probability below 1e-7.
/// </summary>
internal static class RowKey
{
    /// <summary>Key of a row that is not one of the training rows.</summary>
    public const long Unknown = 0;

    public static long OfId(string id) => First64Bits(Encoding.UTF8.GetBytes(id));

    public static long[] OfFeatures(float[] features, int width)
    {
        var keys = new long[features.Length / width];
        for (var row = 0; row < keys.Length; row++)
            keys[row] = First64Bits(MemoryMarshal.AsBytes(features.AsSpan(row * width, width)));
        return keys;
    }

    private static long First64Bits(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
