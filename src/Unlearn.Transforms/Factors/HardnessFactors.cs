using System.Collections.Concurrent;

namespace Unlearn.Transforms.Factors;

/// <summary>All hardness factors, and the usual choices of them.</summary>
public static class HardnessFactors
{
    private static readonly ConcurrentDictionary<string, IHardnessFactor> Registered = new(
        new[]
        {
            PredictionFactors.Loss, PredictionFactors.Confidence, PredictionFactors.Entropy, PredictionFactors.LogitMargin, PredictionFactors.El2N,
            GradientFactors.GradientNorm, InfluenceFactors.SelfInfluence, BoundaryFactors.BoundaryDistance,
        }.ToDictionary(factor => factor.Name), StringComparer.Ordinal);

    /// <summary>−log p_y.</summary>
    public static IHardnessFactor Loss => PredictionFactors.Loss;

    /// <summary>p_y.</summary>
    public static IHardnessFactor Confidence => PredictionFactors.Confidence;

    /// <summary>−Σ p log p.</summary>
    public static IHardnessFactor Entropy => PredictionFactors.Entropy;

    /// <summary>f_y − max_{k≠y} f_k.</summary>
    public static IHardnessFactor LogitMargin => PredictionFactors.LogitMargin;

    /// <summary>‖p − onehot(y)‖₂ (Paul et al., arXiv 2107.07075).</summary>
    public static IHardnessFactor EL2N => PredictionFactors.El2N;

    /// <summary>‖∇_θ ℓ‖₂ over all parameters (GraNd; Paul et al., arXiv 2107.07075).</summary>
    public static IHardnessFactor GradientNorm => GradientFactors.GradientNorm;

    /// <summary>gᵀ(H + λI)⁻¹g with EK-FAC curvature (Grosse et al., arXiv 2308.03296).</summary>
    public static IHardnessFactor SelfInfluence => InfluenceFactors.SelfInfluence;

    /// <summary>First-order distance to the decision boundary (Moosavi-Dezfooli et al., arXiv 1511.04599).</summary>
    public static IHardnessFactor BoundaryDistance => BoundaryFactors.BoundaryDistance;

    /// <summary>The core four: gradient sensitivity, influence, prediction entropy, boundary proximity.</summary>
    public static IReadOnlyList<IHardnessFactor> Core { get; } = [GradientNorm, SelfInfluence, Entropy, BoundaryDistance];

    /// <summary>Everything of tiers T0 and T1.</summary>
    public static IReadOnlyList<IHardnessFactor> Default { get; } = [Loss, Confidence, Entropy, LogitMargin, EL2N, GradientNorm, SelfInfluence, BoundaryDistance];

    /// <summary>Makes a factor of one's own known by its name, so that saved models with it can be loaded.</summary>
    /// <param name="factor">The factor.</param>
    /// <exception cref="ArgumentException">Another factor has this name.</exception>
    public static void Register(IHardnessFactor factor)
    {
        ArgumentNullException.ThrowIfNull(factor);
        if (!ReferenceEquals(Registered.GetOrAdd(factor.Name, factor), factor))
            throw new ArgumentException($"Another hardness factor is named '{factor.Name}' already.", nameof(factor));
    }

    /// <summary>Finds a factor by its name.</summary>
    /// <param name="name">Name, for example <c>Entropy</c>.</param>
    /// <exception cref="ArgumentException">No factor has this name.</exception>
    public static IHardnessFactor Find(string name) => Registered.TryGetValue(name, out var factor)
        ? factor
        : throw new ArgumentException($"There is no hardness factor '{name}'. Known are {string.Join(", ", Registered.Keys.Order(StringComparer.Ordinal))}; register one of your own with HardnessFactors.Register.", nameof(name));
}
