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
            throw Mixture(plan, others.Select(other => Differences(other, plan.Context.Description)).MinBy(differences => differences.Count)!);

        // Version 1 did not record plans, only the hashes of their contexts.
        if (Exists("SELECT EXISTS (SELECT 1 FROM trial WHERE unlearner = ?1 AND context <> ?2 AND context NOT IN (SELECT context FROM plan))", plan.Unlearner,
            plan.Context.Hash))
            throw Mixture(plan, ["(not known: an older version of this program ran them, and did not record rows, recipe and options)"]);
    }

    private bool Exists(string query, params ReadOnlySpan<object?> values) => connection.Number(query, values) == 1;

    private static List<string> Differences(Dictionary<string, string> old, IReadOnlyDictionary<string, string> now)
    {
        const string NotRecorded = "(not recorded)";
        return [.. old.Keys.Union(now.Keys)
            .Select(name => (Name: name, Old: old.GetValueOrDefault(name, NotRecorded), New: now.GetValueOrDefault(name, NotRecorded)))
            .Where(field => field.Old != field.New)
            .Select(field => $"{field.Name}: {field.Old} → {field.New}")];
    }

    private TrialLedgerException Mixture(TrialPlan plan, IEnumerable<string> differences) => new(
        $"""
        The ledger '{connection.Path}' holds trials of {plan.Unlearner} under another plan. What differs, there → here:
        {string.Join('\n', differences.Select(difference => $"  {difference}"))}
        Trials of different plans must not be mixed up. Choose another ledger file (another output folder), go back to what was there, or allow other plans to keep both in one ledger. The ledger was left as it was.
        """.ReplaceLineEndings("\n"));
}
