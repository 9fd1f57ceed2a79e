using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Unlearn.Transforms.Rows;

/// <summary>SHA-256 over ids, labels and features of training rows.</summary>
internal static class RowHash
{
    /// <summary>The hash as lower-case hexadecimal digits.</summary>
    public static string Of(TrainingRows rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(rows.FeatureCount));
        hash.AppendData(BitConverter.GetBytes(rows.ClassCount));
        foreach (var id in rows.Ids)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(id));
            hash.AppendData([0]);
        }
        hash.AppendData(MemoryMarshal.AsBytes(rows.LabelValues.AsSpan()));
        var features = new float[rows.FeatureCount];
        for (var row = 0; row < rows.Count; row++)
        {
            rows.ReadFeatures(row, features);
            hash.AppendData(MemoryMarshal.AsBytes(features.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
