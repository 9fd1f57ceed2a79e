using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.Trials.Planning;

/// <summary>Whether plans of trials will make scores of every row, found out before the first of them runs.</summary>
internal static class PlanCheck
{
    /// <exception cref="ArgumentException">A half of a plan leaves rows out.</exception>
    public static void Coverage(IEnumerable<TrialPlan> plans)
    {
        if (plans.FirstOrDefault(plan => plan.MinimumCoverage.Contains(0)) is { } thin)
            throw new ArgumentException(
                $"The {thin.Trials.Count} trials of {thin.Unlearner} leave rows out in one of their halves: plan more trials or larger forget sets.");
    }

    /// <summary>
    /// Checks that the models of the retrain pool lack as many rows as the models that they judge: with more rows gone, a model is less sure of every
    /// row.
    /// </summary>
    /// <exception cref="ArgumentException">An approximate unlearner forgets another share of the rows than the retrain pool.</exception>
    public static void PoolShares(IReadOnlyList<UnlearnerPlan> plans)
    {
        var maker = UnlearnerSet.RetrainPoolOf(plans.Select(plan => plan.Unlearner));
        if (plans.FirstOrDefault(plan => plan.Unlearner == maker) is not { } pool)
            return;
        if (plans.FirstOrDefault(plan => !plan.Unlearner.IsExact && Forgets(plan) != Forgets(pool)) is { } other)
            throw new ArgumentException(
                $"{other.Unlearner.Name} forgets {Forgets(other)}, but the retrain pool that judges it, {pool.Unlearner.Name}, forgets {Forgets(pool)}: "
                + "give both plans the same forget share and mode.");
    }

    private static string Forgets(UnlearnerPlan plan) => plan.Mode == TrialMode.SingleRow ? "single rows" : Invariant($"{plan.ForgetShare:0.####} of the rows");
}
