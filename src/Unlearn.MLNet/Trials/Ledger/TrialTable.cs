using System.Runtime.InteropServices;
using Unlearn.MLNet.Measuring;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>Results of trials: a row per trial.</summary>
internal sealed class TrialTable(LedgerConnection connection)
{
    private readonly ByteWriter _memory = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Inserts a result unless the trial has one.</summary>
    /// <returns>Whether it was inserted.</returns>
    public bool Insert(TrialSpec spec, TrialResult result) => connection.Execute(
        """
        INSERT INTO trial (id, unlearner, context, half, number, seed, forget_count, retained_accuracy, test_accuracy, seconds, checksum,
            cpu_seconds, retained_accuracy_before, test_accuracy_before, changed_predictions, parameter_shift, steps, step_confidences, all_logit_confidences, outcomes, preparation_seconds, shard_displacements)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
        ON CONFLICT (id) DO NOTHING
        """,
        spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count,
        result.RetainedAccuracy, result.TestAccuracy, result.Seconds, TrialChecksum.Of(result, _memory),
        result.CpuSeconds, result.RetainedAccuracyBefore, result.TestAccuracyBefore, result.ChangedPredictions, result.ParameterShift,
        result.Steps?.Count, Bytes(result.Steps?.Confidences), Bytes(result.AllLogitConfidences), OutcomeBytes.Pack(result.Outcomes, _memory),
        result.PreparationSeconds, Bytes(result.ShardDisplacements)) == 1;

    /// <summary>The result of a trial, where it has one.</summary>
    /// <exception cref="TrialLedgerException">It is not the one that was inserted.</exception>
    public TrialResult? Find(string id)
    {
        var row = connection.Rows(
            """
            SELECT outcomes, retained_accuracy, test_accuracy, seconds, checksum,
                cpu_seconds, retained_accuracy_before, test_accuracy_before, changed_predictions, parameter_shift, steps, step_confidences, all_logit_confidences, preparation_seconds, shard_displacements
            FROM trial WHERE id = ?1
            """,
            id);
        if (!row.Next())
            return null;
        var result = new TrialResult
        {
            TrialId = id,
            Outcomes = Outcomes(row, id),
            RetainedAccuracy = row.Real(1),
            TestAccuracy = row.Number(2),
            Seconds = row.Real(3),
            CpuSeconds = row.Number(5),
            PreparationSeconds = row.Number(13),
            RetainedAccuracyBefore = row.Number(6),
            TestAccuracyBefore = row.Number(7),
            ChangedPredictions = row.Number(8),
            ParameterShift = row.Number(9),
            Steps = Steps(row, id),
            AllLogitConfidences = row.IsNull(12) ? null : Floats(row.Bytes(12)),
            ShardDisplacements = row.IsNull(14) ? null : Floats(row.Bytes(14)),
        };
        var checksum = row.Text(4);
        row.Reset();
        return TrialChecksum.Of(result, _memory) == checksum
            ? result
            : throw TrialLedgerFile.Damaged(connection.Path, $"the result of trial '{id}' does not match its checksum");
    }

    private IReadOnlyList<RowOutcome> Outcomes(LedgerStatement row, string id)
    {
        try
        {
            return OutcomeBytes.Unpack(row.Bytes(0), _ids);
        }
        catch (FormatException)
        {
            throw TrialLedgerFile.Damaged(connection.Path, $"the outcomes of trial '{id}' make no sense");
        }
    }

    private StepTrace? Steps(LedgerStatement row, string id)
    {
        if (row.IsNull(10))
            return null;
        try
        {
            return new((int)row.Integer(10), Floats(row.Bytes(11)));
        }
        catch (ArgumentException)
        {
            throw TrialLedgerFile.Damaged(connection.Path, $"the steps of trial '{id}' make no sense");
        }
    }

    // Bytes and floats are little-endian on every machine that Torch runs on.
    internal static byte[]? Bytes(IReadOnlyList<float>? values) =>
        values is null ? null : MemoryMarshal.AsBytes<float>(values as float[] ?? [.. values]).ToArray();

    internal static float[] Floats(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
