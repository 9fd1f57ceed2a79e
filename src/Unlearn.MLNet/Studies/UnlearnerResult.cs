using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet;

/// <summary>What a study found for one unlearner.</summary>
public sealed record UnlearnerResult
{
    /// <summary>Short name, for example <c>EU</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Number of trials that have a result: what everything below is made of.</summary>
    public required int Trials { get; init; }

    /// <summary>Trials that failed and are left out.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<TrialFailure> Failures { get; init; } = [];

    /// <summary>Mean accuracy of the unlearned models on the rows they retained, in [0, 1].</summary>
    public required double RetainedAccuracy { get; init; }

    /// <summary>Mean accuracy of the unlearned models on the test rows, in [0, 1].</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Mean wall-clock seconds of one unlearning.</summary>
    public required double SecondsPerTrial { get; init; }

    /// <summary>Mean processor seconds of one unlearning; NaN where it was not measured.</summary>
    public double CpuSecondsPerTrial { get; init; } = double.NaN;

    /// <summary>
    /// Mean wall-clock seconds of making the model that an unlearning started from, which a service pays once, such as SISA's first ensemble; NaN
    /// where that was the target. Not in <see cref="SecondsPerTrial"/>.
    /// </summary>
    public double PreparationSecondsPerTrial { get; init; } = double.NaN;

    /// <summary>The strength of the unlearner, and how it was found.</summary>
    /// <value>Default <see langword="null"/>: the unlearner is exact, or calibration was left out.</value>
    public UnlearnerCalibration? Calibration { get; init; }

    /// <summary>Every outcome that was measured, of every row: what unlearning did. Labels come from one of them; none ever predicts.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<OutcomeColumn> Outcomes { get; init; } = [];

    /// <summary>
    /// Share of the needed displacement that the unlearner undid: (p̄₀ − p̄_u) / (p̄₀ − p̄_R), over all rows. 0 is doing nothing, 1 is retraining;
    /// NaN for exact unlearners. A score of an unlearner that undid little is that of doing nothing.
    /// </summary>
    public double UndoneShare { get; init; } = double.NaN;

    /// <summary>The same over the rows labeled hard.</summary>
    public double UndoneShareOfHardRows { get; init; } = double.NaN;

    /// <summary>Mean gap to retraining, |p_y(u) − p̄_R|; NaN for exact unlearners.</summary>
    public double RetrainGap { get; init; } = double.NaN;

    /// <summary>The gap that an exact retraining itself has to the others, which no unlearner can be expected to beat; NaN without a retrain pool.</summary>
    public double RetrainGapFloor { get; init; } = double.NaN;

    /// <summary>How well other outcomes than the score can be predicted; empty for exact unlearners.</summary>
    public IReadOnlyList<ScoreEvaluation> OtherScores { get; init; } = [];

    /// <summary>Hardness score per row: displacement for exact unlearners, of the row's own shard for SISA, residual memory for approximate ones.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Hardness label per row: whether it is among the hardest.</summary>
    public required IReadOnlyList<bool> Labels { get; init; }

    /// <summary>The hardness model, scored on rows it never saw.</summary>
    public required HardnessEvaluation Evaluation { get; init; }

    /// <summary>Sums up what was found.</summary>
    /// <param name="run">The unlearner, its trials and their results.</param>
    /// <param name="evaluation">Its hardness model.</param>
    /// <param name="table">Its outcomes of every row.</param>
    internal static UnlearnerResult Of(UnlearnerRun run, HardnessEvaluation evaluation, OutcomeTable table)
    {
        var outcomes = table.Columns();
        var results = run.Run.Results;
        return new()
        {
            Name = run.Unlearner.Name,
            Trials = results.Count,
            Failures = run.Run.Failures,
            RetainedAccuracy = results.Average(result => result.RetainedAccuracy),
            TestAccuracy = results.Average(result => result.TestAccuracy ?? double.NaN),
            SecondsPerTrial = results.Average(result => result.Seconds),
            CpuSecondsPerTrial = results.Average(result => result.CpuSeconds) ?? double.NaN,
            PreparationSecondsPerTrial = results.Average(result => result.PreparationSeconds) ?? double.NaN,
            Outcomes = outcomes,
            UndoneShare = table.UndoneShare(_ => true),
            UndoneShareOfHardRows = table.UndoneShare(row => evaluation.Labels[row]),
            RetrainGap = run.Unlearner.IsExact ? double.NaN : Mean(Outcome.RetrainGap),
            Scores = evaluation.Scores,
            Labels = evaluation.Labels,
            Evaluation = evaluation,
        };

        double Mean(Outcome outcome) =>
            outcomes.FirstOrDefault(column => column.Outcome == outcome) is { } found ? found.Means.Where(mean => !double.IsNaN(mean)).Average() : double.NaN;
    }

    /// <summary>The failures in one line; <see langword="null"/> without any.</summary>
    public string? DescribeFailures() => Failures.Count == 0 ? null : TrialFailure.Summary(Failures, Trials + Failures.Count);
}
