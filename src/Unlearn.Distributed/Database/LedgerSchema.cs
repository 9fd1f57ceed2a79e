using Unlearn.MLNet;

namespace Unlearn.Distributed.Database;

/// <summary>The tables of a ledger in PostgreSQL: those of SQLite's, in a schema of their own.</summary>
internal static class LedgerSchema
{
    /// <summary>The n-th step leads from version n to version n + 1.</summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE trial (
            id                       text             PRIMARY KEY,
            unlearner                text             NOT NULL,
            context                  text             NOT NULL,
            half                     integer          NOT NULL,
            number                   integer          NOT NULL,
            seed                     bigint           NOT NULL,
            forget_count             integer          NOT NULL,
            retained_accuracy        double precision NOT NULL,
            test_accuracy            double precision,
            seconds                  double precision NOT NULL,
            checksum                 text             NOT NULL,
            cpu_seconds              double precision,
            preparation_seconds      double precision,
            retained_accuracy_before double precision,
            test_accuracy_before     double precision,
            changed_predictions      double precision,
            parameter_shift          double precision,
            steps                    integer,
            step_confidences         bytea,
            all_logit_confidences    bytea,
            shard_displacements      bytea,
            outcomes                 bytea            NOT NULL
        );
        CREATE TABLE failure (
            id           text    PRIMARY KEY,
            unlearner    text    NOT NULL,
            context      text    NOT NULL,
            half         integer NOT NULL,
            number       integer NOT NULL,
            seed         bigint  NOT NULL,
            reason       text    NOT NULL,
            is_transient boolean NOT NULL,
            attempts     integer NOT NULL
        );
        CREATE TABLE plan (first_trial text PRIMARY KEY, unlearner text NOT NULL, context text NOT NULL, description text NOT NULL);
        CREATE TABLE session (key bigserial PRIMARY KEY, expires bigint NOT NULL);
        CREATE TABLE lease (trial text PRIMARY KEY, session bigint NOT NULL);
        CREATE TABLE calibration (id text PRIMARY KEY, unlearner text NOT NULL, content text NOT NULL, checksum text NOT NULL);
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Makes the tables, or brings them to this program's version; what is in them stays.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="schema">Name of the schema.</param>
    /// <param name="name">The ledger in words.</param>
    /// <exception cref="TrialLedgerException">A newer program wrote them, or the schema holds something else.</exception>
    public static void Upgrade(PostgresConnection connection, string schema, string name) => connection.Together(() =>
    {
        // Several processes begin at once. What the lock's number is does not matter, as long as nobody else has it.
        connection.Number("SELECT 1 FROM pg_advisory_xact_lock(hashtext($1))", $"unlearn ledger {schema}");
        connection.Execute($"""CREATE SCHEMA IF NOT EXISTS "{schema}" """);
        connection.Execute($"""SET LOCAL search_path TO "{schema}" """);
        connection.Execute("CREATE TABLE IF NOT EXISTS version (number integer NOT NULL)");
        var version = connection.Number("SELECT coalesce(max(number), 0) FROM version");
        if (version > Version)
            throw new TrialLedgerException(
                Invariant($"The {name} has version {version}, but this program knows versions up to {Version}. ")
                + "Use the newer program that wrote it, or name another ledger. It was left as it was.");
        for (; version < Version; version++)
            connection.Execute(Steps[version]);
        return connection.Execute("DELETE FROM version WHERE number <> $1", Version)
            + connection.Execute("INSERT INTO version SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM version)", Version);
    });
}
