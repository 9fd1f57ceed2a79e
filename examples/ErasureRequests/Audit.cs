using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>
/// What a policy can find out about a model: the residual memory of rows against the retrained models of the labels. A request passes if no more of
/// its rows are above the tolerance than exact retraining itself would have in 95 of 100 cases.
/// </summary>
/// <param name="rows">The training rows.</param>
/// <param name="retrained">μ_R and σ_R of each row, from the labels.</param>
/// <param name="tolerance">The tolerance of the labels: exact retraining exceeds it with 5 % of the rows.</param>
internal sealed class Audit(TrainingRows rows, IReadOnlyList<(double Mean, double Deviation)> retrained, double tolerance)
{
    private const double RowFailures = 0.05;
    private const double RequestPasses = 0.95;

    /// <summary>Largest residual memory that counts as erased.</summary>
    public double Tolerance => tolerance;

    /// <summary>Whether a model has erased the rows.</summary>
    public Timed<bool> Passes(ITarget model, int[] positions) => Timed.Run(() =>
    {
        var answers = ModelAnswers.Of(model, rows, positions).LogitConfidences;
        return Passes([.. positions.Select((row, i) => OutcomeFormulas.ResidualMemory(answers[i], retrained[row]))], tolerance);
    });

    /// <summary>Whether no more residual memories are above the tolerance than are allowed.</summary>
    public static bool Passes(IReadOnlyList<double> memories, double tolerance) => memories.Count(memory => memory > tolerance) <= Allowed(memories.Count);

    /// <summary>95 % quantile of the number of rows above the tolerance, of so many that were exactly retrained away.</summary>
    public static int Allowed(int rows)
    {
        var probability = Math.Pow(1 - RowFailures, rows);
        var total = probability;
        var allowed = 0;
        while (total < RequestPasses - 1e-9)
        {
            probability *= (rows - allowed) / (allowed + 1.0) * RowFailures / (1 - RowFailures);
            total += probability;
            allowed++;
        }
        return allowed;
    }
}
