namespace Unlearn.MLNet.Trials.Planning;

/// <summary>Whether plans of trials will make scores of every row, found out before the first of them runs.</summary>
internal static class PlanCheck
{
    /// <exception cref="ArgumentException">A half of a plan leaves rows out.</exception>
    public static void Coverage(IEnumerable<TrialPlan> plans)
    {
        if (plans.FirstOrDefault(plan => plan.MinimumCoverage.Contains(0)) is { } thin)
            throw new ArgumentException($"The {thin.Trials.Count} trials of {thin.Unlearner} leave rows out in one of their halves: plan more trials or larger forget sets.");
    }
}
