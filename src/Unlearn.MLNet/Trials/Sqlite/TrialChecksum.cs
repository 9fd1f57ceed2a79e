using System.Buffers;
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
        var content = new ArrayBufferWriter<byte>();
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
        return Convert.ToHexStringLower(SHA256.HashData(content.WrittenSpan));

        void AppendText(string text)
        {
            AppendNumber(Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, content);
        }

        void AppendNumber(double number)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(content.GetSpan(sizeof(double)), number + 0.0); // SQLite keeps -0 as 0
            content.Advance(sizeof(double));
        }
    }
}
