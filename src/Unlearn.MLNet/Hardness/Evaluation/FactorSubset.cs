using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.Evaluation;

/// <summary>Some of the factors, to be evaluated together.</summary>
internal sealed record FactorSubset
{
    /// <summary>Why the factors are evaluated together.</summary>
    public required SubsetKind Kind { get; init; }

    /// <summary>Whether it tells what one family is worth.</summary>
    public bool IsOfFamily => Kind is SubsetKind.Family or SubsetKind.Without;

    /// <summary>Name of the subset, for example <c>T0–T1</c> or <c>influence</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Names of the factors.</summary>
    public required IReadOnlyList<string> Factors { get; init; }

    /// <summary>
    /// All factors; the core four, where all of them are there; each tier together with those below it; and, where there are two families or more, each
    /// family and, last, all factors without it.
    /// </summary>
    /// <param name="factors">The factors.</param>
    public static IReadOnlyList<FactorSubset> Of(IReadOnlyList<FactorColumn> factors)
    {
        List<FactorSubset> subsets = [new() { Kind = SubsetKind.All, Name = "all", Factors = [.. factors.Select(factor => factor.Name)] }];
        string[] core = [.. HardnessFactors.Core.Select(factor => factor.Name)];
        if (core.All(name => factors.Any(factor => factor.Name == name)))
            subsets.Add(new() { Kind = SubsetKind.Core, Name = "core", Factors = core });

        FactorTier[] tiers = [.. factors.Select(factor => factor.Tier).Distinct().Order()];
        foreach (var tier in tiers)
            Add(SubsetKind.Tier, tier == tiers[0] ? $"{tier}" : $"{tiers[0]}–{tier}", factor => factor.Tier <= tier);
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
            subsets.Add(new() { Kind = kind, Name = name, Factors = [.. factors.Where(belongs).Select(factor => factor.Name)] });
    }
}
