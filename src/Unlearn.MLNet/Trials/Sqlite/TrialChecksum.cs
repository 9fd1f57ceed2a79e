using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Unlearn.MLNet.Trials.Sqlite;

/// <summary>Checksum of a result: SQLite notices a damaged structure of its file, but not a changed digit of a number.</summary>
internal static class TrialChecksum
{
    /// <summary>SHA-256 of the result, bit for bit, as lower-case hexadecimal digits.</summary>
    public static string Of(TrialResult result)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(result.TrialId);
        AppendNumber(result.RetainedAccuracy);
        AppendNumber(result.TestAccuracy ?? double.NaN);
        AppendNumber(result.Seconds);
        foreach (var outcome in result.Outcomes)
        {
            AppendText(outcome.RowId);
            AppendNumber(outcome.ConfidenceBefore);
            AppendNumber(outcome.ConfidenceAfter);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void AppendText(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            AppendNumber(bytes.Length);
            hash.AppendData(bytes);
        }

        void AppendNumber(double number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(double)];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, number + 0.0); // SQLite keeps -0 as 0
            hash.AppendData(bytes);
        }
    }
}
