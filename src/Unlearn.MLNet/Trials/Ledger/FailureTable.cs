namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>Trials that failed for good, or until somebody asks to try them again.</summary>
internal sealed class FailureTable(LedgerConnection connection)
{
    /// <summary>Inserts a failure unless the trial has one, or a result.</summary>
    /// <returns>Whether it was inserted.</returns>
    public bool Insert(TrialSpec spec, TrialFailure failure) => connection.Execute(
        """
        INSERT INTO failure (id, unlearner, context, half, number, seed, reason, is_transient, attempts)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM trial WHERE id = ?1)
        ON CONFLICT (id) DO NOTHING
        """,
        spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, failure.Reason, failure.IsTransient, failure.Attempts) == 1;

    /// <summary>The failure of a trial, where it has one.</summary>
    public TrialFailure? Find(string id)
    {
        var row = connection.Rows("SELECT unlearner, reason, is_transient, attempts FROM failure WHERE id = ?1", id);
        if (!row.Next())
            return null;
        var failure =
            new TrialFailure { TrialId = id, Unlearner = row.Text(0), Reason = row.Text(1), IsTransient = row.Integer(2) != 0, Attempts = (int)row.Integer(3) };
        row.Reset();
        return failure;
    }

    /// <summary>Deletes the failure of a trial, where it has one.</summary>
    public void Delete(string id) => connection.Execute("DELETE FROM failure WHERE id = ?1", id);
}
