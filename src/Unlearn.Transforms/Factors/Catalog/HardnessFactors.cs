using System.Collections.Concurrent;
using Unlearn.Transforms.Factors.Boundary;
using Unlearn.Transforms.Factors.Gradients;
using Unlearn.Transforms.Factors.Influence;
using Unlearn.Transforms.Factors.LeaveOneOut;
using Unlearn.Transforms.Factors.Memorization;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Factors.Prediction;
using Unlearn.Transforms.Factors.Stein;
using Unlearn.Transforms.Factors.TrainingDynamics;

namespace Unlearn.Transforms;

/// <summary>All hardness factors, and the usual selections.</summary>
public static class HardnessFactors
{
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

    /// <summary>‖∇_x log p_y‖₂.</summary>
    public static IHardnessFactor InputGradientNorm => GradientFactors.InputGradientNorm;

    /// <summary>Cosine of the row's gradient with the mean gradient of the training rows, the row itself included.</summary>
    public static IHardnessFactor GradientAlignment => GradientFactors.GradientAlignment;

    /// <summary>gᵀ(H + λI)⁻¹g of the output layer, with its exact Gauss-Newton matrix (Koh and Liang, arXiv 1703.04730).</summary>
    /// <remarks>A bias is always included, even if the layer has none. Beyond 6,000 parameters, H is reduced to one diagonal block per class.</remarks>
    public static IHardnessFactor Leverage => InfluenceFactors.Leverage;

    /// <summary>gᵀ(H + λI)⁻¹g with EK-FAC curvature (Grosse et al., arXiv 2308.03296).</summary>
    public static IHardnessFactor SelfInfluence => InfluenceFactors.SelfInfluence;

    /// <summary>
    /// Change of a tree ensemble's scores against y when its leaf values are refitted without the row, for <see cref="TreeEnsembleTarget"/> (after
    /// Sharchilev et al., arXiv 1802.06640). The structure of the trees and the gradients of the other rows stay the same.
    /// </summary>
    public static IHardnessFactor LeafInfluence => InfluenceFactors.LeafInfluence;

    /// <summary>First-order distance to the decision boundary (Moosavi-Dezfooli et al., arXiv 1511.04599).</summary>
    public static IHardnessFactor BoundaryDistance => BoundaryFactors.BoundaryDistance;

    /// <summary>Iterated distance to the decision boundary, up to 10 steps (Moosavi-Dezfooli et al., arXiv 1511.04599).</summary>
    public static IHardnessFactor DeepFoolDistance => BoundaryFactors.DeepFoolDistance;

    /// <summary>Mean cosine distance of φ to the 20 nearest training rows, without the row itself.</summary>
    public static IHardnessFactor NeighborDistance => NeighborhoodFactors.NeighborDistance;

    /// <summary>Share of the 20 nearest training rows that have another label, without the row itself.</summary>
    public static IHardnessFactor NeighborDisagreement => NeighborhoodFactors.NeighborDisagreement;

    /// <summary>Number of training rows with a cosine similarity of φ to the row of at least 0.99, without the row itself.</summary>
    public static IHardnessFactor NearDuplicates => NeighborhoodFactors.NearDuplicates;

    /// <summary>Cosine distance of φ to the centroid of the row's class, computed without the row itself.</summary>
    public static IHardnessFactor CentroidDistance => NeighborhoodFactors.CentroidDistance;

    /// <summary>
    /// Cosine distance of φ to the centroid of the row's class, divided by the distance to the nearest other class centroid. The row itself is left
    /// out of its centroid.
    /// </summary>
    public static IHardnessFactor Entanglement => NeighborhoodFactors.Entanglement;

    /// <summary>
    /// 1 − r_y(x), where r is a kernel ridge regression of the labels on the other training rows (deleted residuals; Allen 1974). It does not depend
    /// on the target.
    /// </summary>
    public static IHardnessFactor DeletedResidual => LeaveOneOutFactors.DeletedResidual;

    /// <summary>‖s‖₂ of the score s = [∇_x log p_y; p].</summary>
    public static IHardnessFactor SteinScoreNorm => SteinFactors.SteinScoreNorm;

    /// <summary>Mean over the training rows of the Stein kernel κ of the linear kernel, up to a constant.</summary>
    public static IHardnessFactor SteinMarginal => SteinFactors.SteinMarginal;

    /// <summary>Mean of p_y over the epochs (Swayamdipta et al., arXiv 2009.10795).</summary>
    public static IHardnessFactor MeanConfidence => TraceFactors.MeanConfidence;

    /// <summary>Standard deviation of p_y over the epochs (Swayamdipta et al., arXiv 2009.10795).</summary>
    public static IHardnessFactor ConfidenceVariability => TraceFactors.ConfidenceVariability;

    /// <summary>
    /// Number of times that the row was classified correctly in one epoch and wrongly in the next; the number of epochs if it never was correct
    /// (Toneva et al., arXiv 1812.05159).
    /// </summary>
    public static IHardnessFactor ForgettingEvents => TraceFactors.ForgettingEvents;

    /// <summary>
    /// First epoch, from 1, from which on the row was always classified correctly; the number of epochs + 1 if it was wrong in the last epoch.
    /// </summary>
    public static IHardnessFactor LearnedEpoch => TraceFactors.LearnedEpoch;

    /// <summary>Mean of f_y − max_{k≠y} f_k over the epochs (Pleiss et al., arXiv 2001.10528).</summary>
    public static IHardnessFactor AreaUnderMargin => TraceFactors.AreaUnderMargin;

    /// <summary>
    /// Σ_t ‖∇_θ ℓ‖₂² over the checkpoints of a gradient trace: the row's contribution to a bound on its own privacy loss (Yu et al., arXiv 2206.02617).
    /// The target must be trained by <see cref="TorchRecipe.TrainWithGradientTrace"/>.
    /// </summary>
    public static IHardnessFactor TraceGradientNorm => TraceFactors.TraceGradientNorm;

    /// <summary>
    /// Variance of ∂f_y/∂x_i over the checkpoints of a gradient trace, averaged over the features (VoG; Agarwal et al., arXiv 2008.11600, before its
    /// normalization within classes). The target must be trained by <see cref="TorchRecipe.TrainWithGradientTrace"/>.
    /// </summary>
    public static IHardnessFactor GradientVariance => TraceFactors.GradientVariance;

    /// <summary>
    /// Mean p_y of the reference models trained with the row, minus the mean p_y of the reference models trained without it (after Feldman and Zhang,
    /// arXiv 2008.03703).
    /// </summary>
    public static IHardnessFactor Memorization => MemorizationFactors.Memorization;

    /// <summary>
    /// z-score of the target's log(p_y / (1 − p_y)) among the reference models trained without the row (LiRA; Carlini et al., arXiv 2112.03570).
    /// </summary>
    public static IHardnessFactor MembershipZ => MemorizationFactors.MembershipZ;

    /// <summary>The core four: gradient sensitivity, influence, prediction entropy, boundary proximity.</summary>
    public static IReadOnlyList<IHardnessFactor> Core { get; } = [GradientNorm, SelfInfluence, Entropy, BoundaryDistance];

    /// <summary>
    /// All factors of tiers T0 and T1 except <see cref="DeepFoolDistance"/>, which costs as much as all others together and ranks rows like
    /// <see cref="BoundaryDistance"/>.
    /// </summary>
    public static IReadOnlyList<IHardnessFactor> Default { get; } =
    [
        Loss, Confidence, Entropy, LogitMargin, EL2N,
        GradientNorm, InputGradientNorm, GradientAlignment,
        Leverage, SelfInfluence,
        BoundaryDistance,
        CentroidDistance, Entanglement, NeighborDistance, NeighborDisagreement, NearDuplicates,
        DeletedResidual,
        SteinScoreNorm, SteinMarginal,
    ];

    /// <summary>The factors of <see cref="Default"/> that a target can give; for tree ensembles also <see cref="LeafInfluence"/>.</summary>
    /// <param name="target">The target.</param>
    public static IReadOnlyList<IHardnessFactor> DefaultFor(ITarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return [.. Default.Append(LeafInfluence).Where(factor => (factor.Requires & ~target.Capabilities) == 0)];
    }

    /// <summary>All factors for a Torch target. They need a target trained by <see cref="TorchRecipe.TrainWithGradientTrace"/>, and reference models.</summary>
    public static IReadOnlyList<IHardnessFactor> All { get; } =
    [
        .. Default, DeepFoolDistance,
        MeanConfidence, ConfidenceVariability, ForgettingEvents, LearnedEpoch, AreaUnderMargin, TraceGradientNorm, GradientVariance,
        Memorization, MembershipZ,
    ];

    // Saved models hold factor names. These names were spelled differently before.
    private static readonly Dictionary<string, string> FormerNames = new(StringComparer.Ordinal)
    {
        ["NeighbourDistance"] = nameof(NeighborDistance),
        ["NeighbourDisagreement"] = nameof(NeighborDisagreement),
        ["Memorisation"] = nameof(Memorization),
    };

    private static readonly ConcurrentDictionary<string, IHardnessFactor> Registered =
        new(All.Append(LeafInfluence).ToDictionary(factor => factor.Name), StringComparer.Ordinal);

    /// <summary>Registers your own factor by its name, so that saved models with this factor can be loaded.</summary>
    /// <param name="factor">The factor.</param>
    /// <exception cref="ArgumentException">Another factor has this name.</exception>
    public static void Register(IHardnessFactor factor)
    {
        ArgumentNullException.ThrowIfNull(factor);
        if (!ReferenceEquals(Registered.GetOrAdd(factor.Name, factor), factor))
            throw new ArgumentException($"Another hardness factor is named '{factor.Name}' already.", nameof(factor));
    }

    /// <summary>Finds a factor by its name, or by the name that it had before version 1.</summary>
    /// <param name="name">Name, for example <c>Entropy</c>.</param>
    /// <exception cref="ArgumentException">No factor has this name.</exception>
    public static IHardnessFactor Find(string name) => Registered.TryGetValue(CurrentName(name), out var factor)
        ? factor
        : throw new ArgumentException($"There is no hardness factor '{name}'. Known are {string.Join(", ", Registered.Keys.Order(StringComparer.Ordinal))}; "
            + "register one of your own with HardnessFactors.Register.", nameof(name));

    /// <summary>The name that a factor of a former name has today; any other name as it is.</summary>
    internal static string CurrentName(string name) => FormerNames.GetValueOrDefault(name, name);
}
