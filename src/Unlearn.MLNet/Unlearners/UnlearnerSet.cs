using Unlearn.Transforms;

namespace Unlearn.MLNet.Unlearners;

/// <summary>Checks of the unlearners in one study.</summary>
internal static class UnlearnerSet
{
    /// <summary>
    /// Checks that the unlearners have different names, and that there is a retrain pool if one is needed. An approximate unlearner is scored
    /// against retraining, so it needs another unlearner that makes the pool.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There is no unlearner, one is null, two have the same name, an unlearner that is not exact claims to make the pool, or the pool is missing.
    /// </exception>
    public static void Check(IReadOnlyList<IUnlearner> unlearners)
    {
        if (unlearners is null || unlearners.Any(unlearner => unlearner is null))
            throw new ArgumentException("The unlearners, or one of them, are null: name at least one, such as EU.");
        if (unlearners.Count == 0 || unlearners.DistinctBy(unlearner => unlearner.Name).Count() != unlearners.Count)
            throw new ArgumentException("At least one unlearner is needed, each with a name of its own.");
        if (unlearners.FirstOrDefault(unlearner => unlearner is { MakesRetrainPool: true, IsExact: false }) is { } wrong)
            throw new ArgumentException($"{wrong.Name} makes the retrain pool, but is not exact: models of a retrain pool never saw the forgotten rows.");
        if (unlearners.FirstOrDefault(unlearner => !unlearner.IsExact) is { } approximate && RetrainPoolOf(unlearners) is null)
            throw new ArgumentException($"{approximate.Name} is scored by its residual memory against retrained models: add {nameof(ExactRetraining)} to the "
                + "unlearners, or one of your own that makes the retrain pool.");
    }

    /// <summary>Checks that each unlearner can unlearn from models of a recipe.</summary>
    /// <exception cref="ArgumentException">One cannot.</exception>
    public static void CheckRecipe(IReadOnlyList<IUnlearner> unlearners, ITrainingRecipe recipe)
    {
        if (unlearners.Select(unlearner => unlearner.Refusal(recipe)).FirstOrDefault(refusal => refusal is not null) is { } refusal)
            throw new ArgumentException(refusal);
    }

    /// <summary>The unlearner that makes the retrain pool; <see langword="null"/> if there is none.</summary>
    public static IUnlearner? RetrainPoolOf(IEnumerable<IUnlearner> unlearners) => unlearners.FirstOrDefault(unlearner => unlearner.MakesRetrainPool);
}
