using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>
/// Keyed hashes (HMAC-SHA-256) that stand for rows in logs and certificates. Who lacks the key cannot try out ids; without the key nobody can tell the rows.
/// </summary>
/// <param name="key">The workspace's secret key.</param>
internal sealed class RowHasher(byte[] key)
{
    private const int ContentDigits = 32;

    /// <summary>Hash of a row's id, 64 hexadecimal digits.</summary>
    public string OfId(string id) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(id)));

    /// <summary>Hash of a row's label and features, 32 hexadecimal digits.</summary>
    public string OfContent(TrainingRows rows, int position)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes(rows.ClassNames?[rows.LabelAt(position)] ?? Invariant($"{rows.LabelAt(position)}")));
        hash.AppendData(MemoryMarshal.AsBytes(rows.FeaturesAt(position)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..ContentDigits];
    }
}
