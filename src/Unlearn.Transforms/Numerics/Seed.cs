using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Unlearn.Transforms;

/// <summary>Derives the seeds of random draws from one root seed, so that every draw is independent of the others and of their order.</summary>
public static class Seed
{
    /// <summary>Derives a seed: the first 63 bits of the SHA-256 of all arguments.</summary>
    /// <param name="root">The seed to derive from; any value.</param>
    /// <param name="purpose">What the seed is for: the same root yields unrelated seeds for different purposes. Not empty.</param>
    /// <param name="path">Numbers that tell the draws of one purpose apart, such as half, index or epoch; may be empty.</param>
    /// <returns>A number of at least 0; the same for the same arguments on every platform and in every version.</returns>
    /// <exception cref="ArgumentException">The purpose is empty.</exception>
    public static long Derive(long root, string purpose, params ReadOnlySpan<long> path)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var text = Encoding.UTF8.GetBytes(purpose);
        Append(root);
        Append(text.Length);
        hash.AppendData(text);
        foreach (var step in path)
            Append(step);
        return BinaryPrimitives.ReadInt64LittleEndian(hash.GetHashAndReset()) & long.MaxValue;

        void Append(long number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
    }
}
