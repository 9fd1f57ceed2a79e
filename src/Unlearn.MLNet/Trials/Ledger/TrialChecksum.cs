using System.Security.Cryptography;
using System.Text;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>Checksum of a result: SQLite notices a damaged structure of its file, but not a changed digit of a number.</summary>
internal static class TrialChecksum
{
    /// <summary>SHA-256 of the result, bit for bit, as lower-case hexadecimal digits.</summary>
    /// <param name="result">The result.</param>
    /// <param name="content">Memory to work in.</param>
    public static string Of(TrialResult result, ByteWriter content)
    {
        content.Clear();
        AppendText(result.TrialId);
        content.Number(result.RetainedAccuracy);
        content.Number(result.TestAccuracy ?? double.NaN);
        content.Number(result.Seconds);
        foreach (var outcome in result.Outcomes)
        {
            AppendText(outcome.RowId);
            content.Number(outcome.ConfidenceBefore);
            content.Number(outcome.ConfidenceAfter);
            AppendOptional("logit", outcome.LogitConfidenceAfter);
            AppendOptional("neighbours", outcome.ChangedNeighbors);
        }
        AppendOptional("cpu", result.CpuSeconds);
        AppendOptional("preparation", result.PreparationSeconds);
        AppendOptional("retained before", result.RetainedAccuracyBefore);
        AppendOptional("test before", result.TestAccuracyBefore);
        AppendOptional("changed", result.ChangedPredictions);
        AppendOptional("shift", result.ParameterShift);
        AppendOptional("steps", result.Steps?.Count);
        AppendAll("steps", result.Steps?.Confidences);
        AppendAll("logits", result.AllLogitConfidences);
        AppendAll("shards", result.ShardDisplacements);
        return Convert.ToHexStringLower(SHA256.HashData(content.Written));

        // What is missing adds nothing: results of versions that did not measure it keep their checksum.
        void AppendOptional(string name, double? number)
        {
            if (number is not { } value)
                return;
            AppendText(name);
            content.Number(value);
        }

        void AppendAll(string name, IReadOnlyList<float>? numbers)
        {
            if (numbers is null)
                return;
            AppendText(name);
            content.Number(numbers.Count);
            foreach (var number in numbers)
                content.Number(number);
        }

        void AppendText(string text)
        {
            content.Number(Encoding.UTF8.GetByteCount(text));
            content.Text(text);
        }
    }
}
