namespace Unlearn.MLNet;

/// <summary>
/// What unlearning a row did, one number per row. z: the row, 0: the model before unlearning, u: the unlearned model; p̄_R and σ_R: mean and standard deviation of p_y(z) over the
/// retrain pool, the exact retrainings that never saw z. Outcomes make labels and diagnostics, never factors.
/// </summary>
public enum Outcome
{
    /// <summary>How far behavior on z must move, its memorization: p_y(z; 0) − p̄_R(z), in [−1, 1]; of exact unlearners, which are their own retraining, p_y(z; 0) − p_y(z; u).</summary>
    Displacement,

    /// <summary>What was left behind or overshot: |p_y(z; u) − p̄_R(z)|, in [0, 1].</summary>
    RetrainGap,

    /// <summary>The same in standard deviations of retraining: RetrainGap / σ_R(z), from 0; σ_R is at least <see cref="OutcomeFormulas.DeviationFloor"/>.</summary>
    StandardizedRetrainGap,

    /// <summary>
    /// The first step after which p_y(z; u_t) ≤ p̄_R(z) + σ_R(z), among those of <see cref="StepTrace.MeasuredSteps"/>; 0 where it holds before any. A trial in which it never comes is
    /// censored: it counts with the number of its steps, as a lower bound, and in <see cref="OutcomeColumn.CensoredShares"/>.
    /// </summary>
    StepsToForget,

    /// <summary>Harmonic mean of forget success 1 − RetrainGap, retained-accuracy ratio and test-accuracy ratio of u to 0, each at most 1; in [0, 1]. Low is hard.</summary>
    HarmonicScore,

    /// <summary>p_y(z; u), in [0, 1].</summary>
    PostUnlearningConfidence,

    /// <summary>
    /// Probability that z was trained on, judged from u, in [0, 1]: LiRA (Carlini et al., arXiv 2112.03570) on ψ = log(p_y / (1 − p_y)). Out: the retrain pool's models that never saw z. In: its models
    /// that did, those whose forget set z is not in; the target is none of them. See <see cref="OutcomeFormulas.MemberProbability"/>.
    /// </summary>
    MembershipResistance,

    /// <summary>Share of the retained rows whose predicted class changed, in [0, 1].</summary>
    UnlearningExpansion,

    /// <summary>The same among the row's nearest retained rows, in [0, 1].</summary>
    NeighborExpansion,

    /// <summary>‖θ_u − θ_0‖₂ / ‖θ_0‖₂, from 0; Torch modules only.</summary>
    ParameterShift,

    /// <summary>Test accuracy of 0 minus that of u, in [−1, 1].</summary>
    PerformanceShift,
}
