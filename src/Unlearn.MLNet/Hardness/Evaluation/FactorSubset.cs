using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>Some of the factors, to be evaluated together.</summary>
/// <param name="Kind">Why they are evaluated together.</param>
/// <param name="Name">Name, for example <c>T0–T1</c> or <c>influence</c>.</param>
/// <param name="Factors">Names of the factors.</param>
public sealed record FactorSubset(SubsetKind Kind, string Name, IReadOnlyList<string> Factors)
{
    /// <summary>
    /// All factors; the core four, where all of them are there; each tier together with those below it; and, where there are two families or more, each
    /// family and all factors without it.
    /// </summary>
    /// <param name="factors">The factors.</param>
    public static IReadOnlyList<FactorSubset> Of(IReadOnlyList<FactorColumn> factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        List<FactorSubset> subsets = [new(SubsetKind.All, "all", [.. factors.Select(factor => factor.Name)])];
        string[] core = [.. HardnessFactors.Core.Select(factor => factor.Name)];
        if (core.All(name => factors.Any(factor => factor.Name == name)))
            subsets.Add(new(SubsetKind.Core, "core", core));

        string[] tiers = [.. factors.Select(factor => factor.Tier).Distinct().Order(StringComparer.Ordinal)];
        foreach (var tier in tiers)
            Add(SubsetKind.Tier, tier == tiers[0] ? tier : $"{tiers[0]}–{tier}", factor => string.CompareOrdinal(factor.Tier, tier) <= 0);
        string[] families = [.. factors.Select(factor => factor.Family).Distinct()];
        if (families.Length > 1)
        {
            foreach (var family in families)
                Add(SubsetKind.Family, family, factor => factor.Family == family);
            foreach (var family in families)
                Add(SubsetKind.Without, family, factor => factor.Family != family);
        }
        return subsets;

        void Add(SubsetKind kind, string name, Func<FactorColumn, bool> belongs) =>
            subsets.Add(new(kind, name, [.. factors.Where(belongs).Select(factor => factor.Name)]));
    }
}
