using System.Security.Cryptography;

namespace Unlearn.Parquet;

/// <summary>Consecutive row groups of a file.</summary>
/// <param name="FirstGroup">Number of the first one.</param>
/// <param name="GroupCount">How many they are.</param>
/// <param name="Start">Their first byte.</param>
/// <param name="End">The byte behind their last one.</param>
/// <param name="Footer">First byte of the file's footer.</param>
internal sealed record ParquetSlice(int FirstGroup, int GroupCount, long Start, long End, long Footer)
{
    /// <summary>SHA-256 of all that decides what the rows are: the bytes of the row groups, and the footer. Of all row groups, it is the file's.</summary>
    public string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(Start, End);
        Append(Footer, long.MaxValue);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(long from, long to)
        {
            var buffer = new byte[1 << 16];
            file.Position = from;
            while (from < to && file.Read(buffer, 0, (int)Math.Min(buffer.Length, to - from)) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                from += count;
            }
        }
    }
}
