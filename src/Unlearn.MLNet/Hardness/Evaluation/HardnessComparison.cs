namespace Unlearn.MLNet;

/// <summary>Hardness models of several unlearners, on the same rows and folds.</summary>
public sealed record HardnessComparison
{
    /// <summary>Evaluation of each unlearner's hardness model, in the order of the scores.</summary>
    public required IReadOnlyList<HardnessEvaluation> Evaluations { get; init; }

    /// <summary>Transfer between the unlearners and the agreement of their scores; <see langword="null"/> for a single unlearner.</summary>
    public UnlearnerAgreement? Agreement { get; init; }
}
