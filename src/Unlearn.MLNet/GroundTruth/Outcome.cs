using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Measuring;

namespace Unlearn.MLNet;

/// <summary>
/// A measured effect of unlearning a row, one number per row. z: the row; 0: the model before unlearning; u: the unlearned model; p̄_R and σ_R: mean
/// and standard deviation of p_y(z) over the retrain pool, which is the exact retrainings that never saw z. Outcomes serve as labels and diagnostics,
/// never as factors.
/// </summary>
public enum Outcome
{
    /// <summary>
    /// Memorization of z, the change that unlearning must make: p_y(z; 0) − p̄_R(z), in [−1, 1]. For exact unlearners, which retrain themselves, it
    /// is p_y(z; 0) − p_y(z; u).
    /// </summary>
    Displacement,

    /// <summary>
    /// Memorization of z by its own shard, for unlearners that train several models on parts of the rows: p_y(z) of the model that saw z minus the
    /// mean p_y(z) of those that did not, both before anything is forgotten; in [−1, 1]. The displacement of the whole ensemble also contains what
    /// the other shards lost. Every trial measures it for every row.
    /// </summary>
    ShardDisplacement,

    /// <summary>
    /// How far the unlearned model stands out on the remembering side from models that never saw z: max(0, (ψ(z; u) − μ_R(z)) / σ_R(z)) with ψ =
    /// log(p_y / (1 − p_y)); from 0. μ_R and σ_R are mean and standard deviation of ψ over the retrain pool; see <see cref="RetrainPool"/> for the
    /// floor of σ_R.
    /// </summary>
    ResidualMemory,

    /// <summary>
    /// Share of the needed displacement that the unlearned model left: (p_y(z; u) − p̄_R(z)) / (p_y(z; 0) − p̄_R(z)). 1 is doing nothing, 0 is as
    /// good as retraining, below 0 is too much. Measured where the needed displacement exceeds two standard errors of p̄_R, and 0.01.
    /// </summary>
    ResidualShare,

    /// <summary>
    /// How often the best test tells unlearned models from retrained ones by their answer on z, in [0.5, 1]: U-LiRA for a row (Hayes et al., arXiv
    /// 2403.01218). ψ of both kinds is taken as normal, so the accuracy is (1 + total variation distance) / 2; see
    /// <see cref="OutcomeFormulas.AttackAccuracy"/>. One value a row, from all trials that forgot it.
    /// </summary>
    UnlearningLira,

    /// <summary>Distance of the unlearned model from retraining, whether it forgot too little or too much: |p_y(z; u) − p̄_R(z)|, in [0, 1].</summary>
    RetrainGap,

    /// <summary>
    /// The retrain gap in standard deviations of retraining: RetrainGap / σ_R(z), from 0. A σ_R below <see cref="OutcomeFormulas.DeviationFloor"/> is
    /// raised to it.
    /// </summary>
    StandardizedRetrainGap,

    /// <summary>
    /// The first step of <see cref="StepTrace.MeasuredSteps"/> after which p_y(z; u_t) ≤ p̄_R(z) + σ_R(z); 0 if this holds before the first step. If
    /// it never holds, the trial is censored: the number of its steps is then a lower bound, and the trial counts in
    /// <see cref="OutcomeColumn.CensoredShares"/>.
    /// </summary>
    StepsToForget,

    /// <summary>
    /// Harmonic mean of forget success (1 − RetrainGap), retained-accuracy ratio and test-accuracy ratio of u to 0, each at most 1; in [0, 1]. A low
    /// value means hard.
    /// </summary>
    HarmonicScore,

    /// <summary>p_y(z; u), in [0, 1].</summary>
    PostUnlearningConfidence,

    /// <summary>
    /// Probability that z was trained on, judged from u, in [0, 1]: LiRA (Carlini et al., arXiv 2112.03570) on ψ = log(p_y / (1 − p_y)). Out: models
    /// of the retrain pool that never saw z. In: models of the retrain pool that saw z, since z is not in their forget set. The target is in neither
    /// group. See <see cref="OutcomeFormulas.MemberProbability"/>.
    /// </summary>
    MembershipResistance,

    /// <summary>Share of the retained rows that changed their predicted class, in [0, 1].</summary>
    UnlearningExpansion,

    /// <summary>Share of the row's nearest retained rows that changed their predicted class, in [0, 1].</summary>
    NeighborExpansion,

    /// <summary>‖θ_u − θ_0‖₂ / ‖θ_0‖₂, from 0; Torch modules only.</summary>
    ParameterShift,

    /// <summary>Test accuracy of 0 minus test accuracy of u, in [−1, 1].</summary>
    PerformanceShift,
}
