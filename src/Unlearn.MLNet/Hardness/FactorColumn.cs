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

    /// <summary>What kind of factor it is, for example <c>influence</c>; its own name if not said otherwise.</summary>
    public string Family { get => field ?? Name; init; }
}
