using System.Buffers.Binary;

namespace Unlearn.MLNet.Trials.Sqlite;

/// <summary>Results of trials: a row per trial, and a row per outcome.</summary>
internal sealed class TrialTable(LedgerConnection connection)
{
    /// <summary>Inserts a result unless the trial has one.</summary>
    /// <returns>Whether it was inserted.</returns>
    public bool Insert(TrialSpec spec, TrialResult result)
    {
        var inserted = connection.Execute(
            """
            INSERT INTO trial (id, unlearner, context, half, number, seed, forget_count, retained_accuracy, test_accuracy, seconds, checksum,
                cpu_seconds, retained_accuracy_before, test_accuracy_before, changed_predictions, parameter_shift, steps, step_confidences, all_logit_confidences)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
            ON CONFLICT (id) DO NOTHING
            """,
            spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count,
            result.RetainedAccuracy, result.TestAccuracy, result.Seconds, TrialChecksum.Of(result),
            result.CpuSeconds, result.RetainedAccuracyBefore, result.TestAccuracyBefore, result.ChangedPredictions, result.ParameterShift,
            result.Steps?.Count, Bytes(result.Steps?.Confidences), Bytes(result.AllLogitConfidences));
        if (inserted == 0)
            return false;
        var key = connection.Number("SELECT last_insert_rowid()");
        for (var position = 0; position < result.Outcomes.Count; position++)
        {
            var outcome = result.Outcomes[position];
            connection.Execute(
                "INSERT INTO outcome (trial, position, row_id, confidence_before, confidence_after, logit_confidence_after, changed_neighbours) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                key, position, outcome.RowId, outcome.ConfidenceBefore, outcome.ConfidenceAfter, outcome.LogitConfidenceAfter, outcome.ChangedNeighbours);
        }
        return true;
    }

    /// <summary>The result of a trial, where it has one.</summary>
    /// <exception cref="TrialLedgerException">It is not the one that was inserted.</exception>
    public TrialResult? Find(string id)
    {
        var row = connection.Rows(
            """
            SELECT key, retained_accuracy, test_accuracy, seconds, checksum,
                cpu_seconds, retained_accuracy_before, test_accuracy_before, changed_predictions, parameter_shift, steps, step_confidences, all_logit_confidences
            FROM trial WHERE id = ?1
            """,
            id);
        if (!row.Next())
            return null;
        var result = new TrialResult(id, Outcomes(row.Integer(0)), row.Real(1), Number(row, 2), row.Real(3))
        {
            CpuSeconds = Number(row, 5),
            RetainedAccuracyBefore = Number(row, 6),
            TestAccuracyBefore = Number(row, 7),
            ChangedPredictions = Number(row, 8),
            ParameterShift = Number(row, 9),
            Steps = Steps(row, id),
            AllLogitConfidences = row.IsNull(12) ? null : Floats(row.Bytes(12)),
        };
        var checksum = row.Text(4);
        row.Reset();
        return TrialChecksum.Of(result) == checksum
            ? result
            : throw TrialLedgerFile.Damaged(connection.Path, $"the result of trial '{id}' does not match its checksum");
    }

    private List<RowOutcome> Outcomes(long trial)
    {
        var rows = connection.Rows("SELECT row_id, confidence_before, confidence_after, logit_confidence_after, changed_neighbours FROM outcome WHERE trial = ?1 ORDER BY position", trial);
        var outcomes = new List<RowOutcome>();
        while (rows.Next())
            outcomes.Add(new RowOutcome(rows.Text(0), rows.Real(1), rows.Real(2)) { LogitConfidenceAfter = Number(rows, 3), ChangedNeighbours = Number(rows, 4) });
        return outcomes;
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

    private static double? Number(LedgerStatement row, int column) => row.IsNull(column) ? null : row.Real(column);

    private static byte[]? Bytes(IReadOnlyList<float>? values)
    {
        if (values is null)
            return null;
        var bytes = new byte[values.Count * sizeof(float)];
        for (var i = 0; i < values.Count; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return bytes;
    }

    private static float[] Floats(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / sizeof(float)).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float))))];
}
