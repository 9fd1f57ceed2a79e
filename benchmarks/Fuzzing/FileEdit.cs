using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>Damages bytes, whatever they mean.</summary>
internal static class FileEdit
{
    private static readonly string[] Kinds = ["flip", "truncate", "insert", "delete", "overwrite", "repeat"];

    /// <summary>Damages a copy of some bytes.</summary>
    /// <returns>What was done, and the bytes.</returns>
    public static (string What, byte[] Content) Apply(byte[] content, SeededRandom random)
    {
        if (content.Length == 0)
            return ("fill an empty one", [1]);
        var kind = Kinds[random.Next(Kinds.Length)];
        var at = random.Next(content.Length);
        var length = 1 + random.Next(Math.Min(64, content.Length - at));
        byte[] edited = kind switch
        {
            "flip" => Changed(content, bytes => bytes[at] ^= (byte)(1 << random.Next(8))),
            "truncate" => content[..at],
            "insert" => [.. content[..at], .. Noise(length, random), .. content[at..]],
            "delete" => [.. content[..at], .. content[(at + length)..]],
            "overwrite" => Changed(content, bytes => Noise(length, random).CopyTo(bytes, at)),
            _ => [.. content[..(at + length)], .. content[at..]],
        };
        return (Invariant($"{kind} {length} of {content.Length} bytes at {at}"), edited);
    }

    private static byte[] Changed(byte[] content, Action<byte[]> change)
    {
        byte[] copy = [.. content];
        change(copy);
        return copy;
    }

    private static byte[] Noise(int length, SeededRandom random) =>
        [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? byte.MaxValue : (byte)random.Next(256))];
}
