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
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (id) DO NOTHING
            """,
            spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count,
            result.RetainedAccuracy, result.TestAccuracy, result.Seconds, TrialChecksum.Of(result));
        if (inserted == 0)
            return false;
        var key = connection.Value<long>("SELECT last_insert_rowid()");
        for (var position = 0; position < result.Outcomes.Count; position++)
        {
            var outcome = result.Outcomes[position];
            connection.Execute(
                "INSERT INTO outcome (trial, position, row_id, confidence_before, confidence_after) VALUES ($1, $2, $3, $4, $5)",
                key, position, outcome.RowId, outcome.ConfidenceBefore, outcome.ConfidenceAfter);
        }
        return true;
    }

    /// <summary>The result of a trial, where it has one.</summary>
    /// <exception cref="TrialLedgerException">It is not the one that was inserted.</exception>
    public TrialResult? Find(string id)
    {
        using var row = connection.Rows("SELECT key, retained_accuracy, test_accuracy, seconds, checksum FROM trial WHERE id = $1", id);
        if (!row.Read())
            return null;
        var result = new TrialResult(id, Outcomes(row.GetInt64(0)), row.GetDouble(1), row.IsDBNull(2) ? null : row.GetDouble(2), row.GetDouble(3));
        return TrialChecksum.Of(result) == row.GetString(4)
            ? result
            : throw TrialLedgerFile.Damaged(connection.Path, $"the result of trial '{id}' does not match its checksum");
    }

    private List<RowOutcome> Outcomes(long trial)
    {
        using var rows = connection.Rows("SELECT row_id, confidence_before, confidence_after FROM outcome WHERE trial = $1 ORDER BY position", trial);
        var outcomes = new List<RowOutcome>();
        while (rows.Read())
            outcomes.Add(new RowOutcome(rows.GetString(0), rows.GetDouble(1), rows.GetDouble(2)));
        return outcomes;
    }
}
