using Npgsql;
using Unlearn.MLNet;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.Distributed.Database;

/// <summary>Results of trials as rows of a table.</summary>
/// <param name="connection">The database.</param>
/// <param name="schema">Name of the schema.</param>
/// <param name="name">The ledger in words.</param>
internal sealed class LedgerRows(PostgresConnection connection, string schema, string name)
{
    private readonly ByteWriter _memory = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly string _insert =
        $"""
        WITH settled AS (DELETE FROM "{schema}".lease WHERE trial = $1), replaced AS (DELETE FROM "{schema}".failure WHERE id = $1)
        INSERT INTO "{schema}".trial (id, unlearner, context, half, number, seed, forget_count, retained_accuracy, test_accuracy, seconds, checksum,
            cpu_seconds, preparation_seconds, retained_accuracy_before, test_accuracy_before, changed_predictions, parameter_shift,
            steps, step_confidences, all_logit_confidences, shard_displacements, outcomes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
        ON CONFLICT (id) DO NOTHING
        """;

    private readonly string _select =
        $"""
        SELECT id, retained_accuracy, test_accuracy, seconds, checksum, cpu_seconds, preparation_seconds, retained_accuracy_before, test_accuracy_before,
            changed_predictions, parameter_shift, steps, step_confidences, all_logit_confidences, shard_displacements, outcomes
        FROM "{schema}".trial WHERE id = ANY($1)
        """;

    /// <summary>Inserts a result unless the trial has one; ends its claim and takes its failure away.</summary>
    /// <returns>Whether it was inserted.</returns>
    public bool Insert(TrialSpec spec, TrialResult result) => connection.Execute(
        _insert,
        spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count,
        result.RetainedAccuracy, result.TestAccuracy, result.Seconds, TrialChecksum.Of(result, _memory),
        result.CpuSeconds, result.PreparationSeconds, result.RetainedAccuracyBefore, result.TestAccuracyBefore, result.ChangedPredictions,
        result.ParameterShift, result.Steps?.Count, TrialTable.Bytes(result.Steps?.Confidences), TrialTable.Bytes(result.AllLogitConfidences),
        TrialTable.Bytes(result.ShardDisplacements), OutcomeBytes.Pack(result.Outcomes, _memory)) == 1;

    /// <summary>Results of trials, by their ids; those that have none are left out.</summary>
    /// <exception cref="TrialLedgerException">One is not what was inserted.</exception>
    public Dictionary<string, TrialResult> Find(string[] ids) =>
        connection.Rows(Read, _select, (object)ids).ToDictionary(result => result.TrialId, StringComparer.Ordinal);

    /// <summary>Failures of trials, by their ids; those that have none are left out.</summary>
    public Dictionary<string, TrialFailure> FindFailures(string[] ids) => connection.Rows(
        row => new TrialFailure
        {
            TrialId = row.GetString(0),
            Unlearner = row.GetString(1),
            Reason = row.GetString(2),
            IsTransient = row.GetBoolean(3),
            Attempts = row.GetInt32(4),
        },
        $"""SELECT id, unlearner, reason, is_transient, attempts FROM "{schema}".failure WHERE id = ANY($1)""", (object)ids)
        .ToDictionary(failure => failure.TrialId, StringComparer.Ordinal);

    private TrialResult Read(NpgsqlDataReader row)
    {
        var id = row.GetString(0);
        TrialResult result;
        try
        {
            result = new()
            {
                TrialId = id,
                RetainedAccuracy = row.GetDouble(1),
                TestAccuracy = Number(row, 2),
                Seconds = row.GetDouble(3),
                CpuSeconds = Number(row, 5),
                PreparationSeconds = Number(row, 6),
                RetainedAccuracyBefore = Number(row, 7),
                TestAccuracyBefore = Number(row, 8),
                ChangedPredictions = Number(row, 9),
                ParameterShift = Number(row, 10),
                Steps = row.IsDBNull(11) ? null : new StepTrace(row.GetInt32(11), Floats(row, 12) ?? []),
                AllLogitConfidences = Floats(row, 13),
                ShardDisplacements = Floats(row, 14),
                Outcomes = OutcomeBytes.Unpack(row.GetFieldValue<byte[]>(15), _ids),
            };
        }
        catch (Exception nonsense) when (nonsense is FormatException or ArgumentException)
        {
            throw Damaged(id);
        }
        return TrialChecksum.Of(result, _memory) == row.GetString(4) ? result : throw Damaged(id);
    }

    private TrialLedgerException Damaged(string id) =>
        new($"The {name} is damaged: the result of trial '{id}' is not the one that was inserted. Restore the database from a backup, or delete this row.");

    private static double? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private static float[]? Floats(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : TrialTable.Floats(row.GetFieldValue<byte[]>(column));
}
