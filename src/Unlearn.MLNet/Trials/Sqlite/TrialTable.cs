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
            INSERT INTO trial (id, unlearner, context, half, number, seed, forget_count, retained_accuracy, test_accuracy, seconds, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (id) DO NOTHING
            """,
            spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count,
            result.RetainedAccuracy, result.TestAccuracy, result.Seconds, TrialChecksum.Of(result));
        if (inserted == 0)
            return false;
        var key = connection.Number("SELECT last_insert_rowid()");
        for (var position = 0; position < result.Outcomes.Count; position++)
        {
            var outcome = result.Outcomes[position];
            connection.Execute(
                "INSERT INTO outcome (trial, position, row_id, confidence_before, confidence_after) VALUES (?1, ?2, ?3, ?4, ?5)",
                key, position, outcome.RowId, outcome.ConfidenceBefore, outcome.ConfidenceAfter);
        }
        return true;
    }

    /// <summary>The result of a trial, where it has one.</summary>
    /// <exception cref="TrialLedgerException">It is not the one that was inserted.</exception>
    public TrialResult? Find(string id)
    {
        var row = connection.Rows("SELECT key, retained_accuracy, test_accuracy, seconds, checksum FROM trial WHERE id = ?1", id);
        if (!row.Next())
            return null;
        var result = new TrialResult(id, Outcomes(row.Integer(0)), row.Real(1), row.IsNull(2) ? null : row.Real(2), row.Real(3));
        var checksum = row.Text(4);
        row.Reset();
        return TrialChecksum.Of(result) == checksum
            ? result
            : throw TrialLedgerFile.Damaged(connection.Path, $"the result of trial '{id}' does not match its checksum");
    }

    private List<RowOutcome> Outcomes(long trial)
    {
        var rows = connection.Rows("SELECT row_id, confidence_before, confidence_after FROM outcome WHERE trial = ?1 ORDER BY position", trial);
        var outcomes = new List<RowOutcome>();
        while (rows.Next())
            outcomes.Add(new RowOutcome(rows.Text(0), rows.Real(1), rows.Real(2)));
        return outcomes;
    }
}
