using Unlearn.Transforms;

namespace Unlearn.Cli.Models;

/// <summary>The factors of studies that name none.</summary>
internal static class StudyFactorSets
{
    /// <summary><see cref="HardnessFactors.SteinMarginal"/> keeps a matrix of features × features.</summary>
    public const int MostFeaturesOfSteinMarginal = 3 * 32 * 32;

    /// <summary>Every factor of the tiers T0 to T2, but the one that costs as much as all others.</summary>
    /// <param name="hasSteinMarginal">Whether <see cref="HardnessFactors.SteinMarginal"/> is among them.</param>
    public static IReadOnlyList<IHardnessFactor> OfTraining(bool hasSteinMarginal = true) =>
        [.. HardnessFactors.All.Where(factor => factor.Tier != FactorTier.T3
            && factor != HardnessFactors.DeepFoolDistance
            && (hasSteinMarginal || factor != HardnessFactors.SteinMarginal))];
}
