namespace Unlearn.MLNet;

/// <summary>One factor of all rows.</summary>
/// <param name="Name">Column name, for example <c>Entropy</c>.</param>
/// <param name="Tier">Cost tier, for example <c>T0</c>.</param>
/// <param name="Values">One value per row.</param>
public sealed record FactorColumn(string Name, string Tier, IReadOnlyList<float> Values)
{
    /// <summary>What kind of factor it is, for example <c>influence</c>; its own name if not said otherwise.</summary>
    public string Family { get => field ?? Name; init; }
}
