using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>One factor of all rows.</summary>
public sealed record FactorColumn
{
    /// <summary>Name of the factor, for example <c>Entropy</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Cost tier of the factor.</summary>
    public required FactorTier Tier { get; init; }

    /// <summary>One value per row, in the factor's unit.</summary>
    public required IReadOnlyList<float> Values { get; init; }

    /// <summary>Family of the factor, for example <c>influence</c>. Default: the factor's own name.</summary>
    public string Family { get => field ?? Name; init; }
}
