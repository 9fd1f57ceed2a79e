namespace Unlearn.MLNet.Trials.Planning;

/// <summary>Whether trials will make scores of every row, found out before the first of them runs.</summary>
internal static class PlanCheck
{
    /// <exception cref="ArgumentException">There is no unlearner, two have one name, an approximate one has no retrain pool, or a plan leaves rows out.</exception>
    public static void Check(IEnumerable<IUnlearner> unlearners, IEnumerable<TrialPlan> plans)
    {
        Unlearners([.. unlearners]);
        Coverage(plans);
    }

    /// <exception cref="ArgumentException">There is no unlearner, two have one name, or an approximate one has no retrain pool.</exception>
    public static void Unlearners(IReadOnlyList<IUnlearner> unlearners)
    {
        if (unlearners.Count == 0 || unlearners.DistinctBy(unlearner => unlearner.Name).Count() != unlearners.Count)
            throw new ArgumentException("At least one unlearner is needed, each with a name of its own.");
        if (unlearners.FirstOrDefault(unlearner => !unlearner.IsExact) is { } approximate && !unlearners.Any(unlearner => unlearner is ExactRetraining))
            throw new ArgumentException($"The score of {approximate.Name} is its gap to retraining: add {nameof(ExactRetraining)} to the unlearners.");
    }

    /// <exception cref="ArgumentException">A half of a plan leaves rows out.</exception>
    public static void Coverage(IEnumerable<TrialPlan> plans)
    {
        if (plans.FirstOrDefault(plan => plan.MinimumCoverage.Contains(0)) is { } thin)
            throw new ArgumentException($"The {thin.Trials.Count} trials of {thin.Unlearner} leave rows out in one of their halves: plan more trials or larger forget sets.");
    }
}
