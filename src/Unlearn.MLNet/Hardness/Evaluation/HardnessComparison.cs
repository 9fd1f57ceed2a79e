using Unlearn.MLNet.Reports.Sections;

namespace Unlearn.MLNet;

/// <summary>Hardness models of several unlearners, on the same rows and folds.</summary>
/// <param name="Evaluations">One for each unlearner.</param>
/// <param name="Agreement">Transfer between the unlearners and the agreement of their scores; <see langword="null"/> for a single unlearner.</param>
public sealed record HardnessComparison(IReadOnlyList<HardnessEvaluation> Evaluations, UnlearnerAgreement? Agreement);
