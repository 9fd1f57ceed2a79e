namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>Says what sets plans apart that must not share a ledger.</summary>
internal static class PlanMixture
{
    /// <summary>The exception for a plan whose trials would be mixed up with those of others; it tells of the nearest.</summary>
    /// <param name="ledger">The ledger in words.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="others">The others in words, at least one.</param>
    public static TrialLedgerException Refuse(string ledger, TrialPlan plan, IEnumerable<IReadOnlyDictionary<string, string>> others) =>
        Refuse(ledger, plan, others.Select(other => Differences(other, plan.Context.Description)).MinBy(differences => differences.Count)!);

    /// <summary>The exception for a plan whose trials would be mixed up with others.</summary>
    /// <param name="ledger">The ledger in words.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="differences">What differs.</param>
    public static TrialLedgerException Refuse(string ledger, TrialPlan plan, IEnumerable<string> differences) => new(
        $"""
        The {ledger} holds trials of {plan.Unlearner} under another plan. What differs, there → here:
        {string.Join('\n', differences.Select(difference => $"  {difference}"))}
        Trials of different plans must not be mixed up. Choose another ledger (another output folder), go back to what was there, or allow other plans to keep both in one ledger. The ledger was left as it was.
        """.ReplaceLineEndings("\n"));

    private static List<string> Differences(IReadOnlyDictionary<string, string> old, IReadOnlyDictionary<string, string> now)
    {
        const string NotRecorded = "(not recorded)";
        return [.. old.Keys.Union(now.Keys)
            .Select(name => (Name: name, Old: old.GetValueOrDefault(name, NotRecorded), New: now.GetValueOrDefault(name, NotRecorded)))
            .Where(field => field.Old != field.New)
            .Select(field => $"{field.Name}: {field.Old} → {field.New}")];
    }
}
