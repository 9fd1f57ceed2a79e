using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Proof;

/// <summary>Repeats the audit of a request.</summary>
internal static class AuditVerifier
{
    private const double LargestDifference = 1e-3;

    /// <summary>What the model as it is answers otherwise on erased rows than the certificate says, in words.</summary>
    /// <exception cref="InvalidOperationException">A row of the request is missing.</exception>
    public static IReadOnlyList<string> Differences(WorkspaceState state, RequestState request, TrainingRows erased)
    {
        var positions = erased.Ids.Index().ToDictionary(row => state.Hasher.OfId(row.Item), row => row.Index, StringComparer.Ordinal);
        var answers = ModelAnswers.Of(state.Model, erased);
        var audits = CertificateFiles.Of(state.Log.Entries, request).Audits;
        return audits.Count == 0 ? [] : [.. audits[^1].Rows.Where(row => positions.TryGetValue(row.Row, out var position)
            ? Math.Abs(answers.LogitConfidences[position] - row.LogitConfidence) > LargestDifference
            : throw new InvalidOperationException($"A row of request '{request.Id}' is missing: give all of its rows."))
            .Select(row => Invariant(
                $"Row {row.Row}: the model answers {answers.LogitConfidences[positions[row.Row]]:0.###}, the audit has {row.LogitConfidence:0.###}."))];
    }
}
