using System.Text.Json;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>
/// The plans that trials of the ledger belong to, in words that people can compare. A plan is known by its first trial, which more trials leave as it
/// is.
/// </summary>
internal sealed class PlanTable(LedgerConnection connection)
{
    /// <summary>Takes note of a plan.</summary>
    /// <exception cref="TrialLedgerException">The ledger holds trials of the unlearner under another plan, and that is not allowed.</exception>
    public void Register(TrialPlan plan, bool allowOthers)
    {
        var firstTrial = plan.Trials[0].Id;
        if (Exists("SELECT EXISTS (SELECT 1 FROM plan WHERE first_trial = ?1)", firstTrial))
            return;
        if (!allowOthers)
            RefuseOthers(plan);
        connection.Execute(
            "INSERT INTO plan (first_trial, unlearner, context, description) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (first_trial) DO NOTHING",
            firstTrial, plan.Unlearner, plan.Context.Hash, JsonSerializer.Serialize(plan.Context.Description));
    }

    private void RefuseOthers(TrialPlan plan)
    {
        // Plans that never came to a trial do not count: there is nothing to mix with.
        List<Dictionary<string, string>> others = [];
        var rows = connection.Rows(
            """
            SELECT description FROM plan WHERE unlearner = ?1 AND (
                EXISTS (SELECT 1 FROM trial WHERE trial.unlearner = plan.unlearner AND trial.context = plan.context)
                OR EXISTS (SELECT 1 FROM failure WHERE failure.unlearner = plan.unlearner AND failure.context = plan.context))
            """,
            plan.Unlearner);
        while (rows.Next())
            others.Add(JsonSerializer.Deserialize<Dictionary<string, string>>(rows.Text(0))!);
        if (others.Count > 0)
            throw PlanMixture.Refuse(Name, plan, others);

        // Version 1 did not record plans, only the hashes of their contexts.
        if (Exists("SELECT EXISTS (SELECT 1 FROM trial WHERE unlearner = ?1 AND context <> ?2 AND context NOT IN (SELECT context FROM plan))", plan.Unlearner,
            plan.Context.Hash))
            throw PlanMixture.Refuse(
                Name, plan, ["(not known: an older version of this program ran them, and did not record rows, recipe and options)"]);
    }

    private string Name => $"ledger '{connection.Path}'";

    private bool Exists(string query, params ReadOnlySpan<object?> values) => connection.Number(query, values) == 1;
}
