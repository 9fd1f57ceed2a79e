using System.Text.Json;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.Distributed.Database;

/// <summary>The plans that trials of the ledger belong to, in words. A plan is known by its first trial, which more trials leave as it is.</summary>
/// <param name="connection">The database.</param>
/// <param name="schema">Name of the schema.</param>
/// <param name="name">The ledger in words.</param>
internal sealed class LedgerPlans(PostgresConnection connection, string schema, string name)
{
    /// <summary>Takes note of a plan.</summary>
    /// <returns>Number of plans that were noted.</returns>
    /// <exception cref="TrialLedgerException">The ledger holds trials of the unlearner under another plan, and that is not allowed.</exception>
    public int Register(TrialPlan plan, bool allowOthers)
    {
        var first = plan.Trials[0].Id;
        if (connection.Number($"""SELECT count(*) FROM "{schema}".plan WHERE first_trial = $1""", first) > 0)
            return 0;
        // Plans that never came to a trial do not count: there is nothing to mix with.
        var others = allowOthers ? [] : connection.Rows(
            row => JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(0))!,
            $"""
            SELECT description FROM "{schema}".plan WHERE unlearner = $1 AND (
                EXISTS (SELECT 1 FROM "{schema}".trial WHERE trial.unlearner = plan.unlearner AND trial.context = plan.context)
                OR EXISTS (SELECT 1 FROM "{schema}".failure WHERE failure.unlearner = plan.unlearner AND failure.context = plan.context))
            """,
            plan.Unlearner);
        if (others.Count > 0)
            throw PlanMixture.Refuse(name, plan, others);
        return connection.Execute(
            $"""INSERT INTO "{schema}".plan (first_trial, unlearner, context, description) VALUES ($1, $2, $3, $4) ON CONFLICT (first_trial) DO NOTHING""",
            first, plan.Unlearner, plan.Context.Hash, JsonSerializer.Serialize(plan.Context.Description));
    }
}
