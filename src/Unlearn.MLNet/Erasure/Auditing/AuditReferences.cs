using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Statistics;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Auditing;

/// <summary>μ_R and σ_R of rows: from labels, or from models that were retrained for this.</summary>
/// <param name="Of">By position of a row.</param>
/// <param name="FalseAlarmRate">Share of the retrained models that lie above the tolerance themselves.</param>
/// <param name="Words">Where they come from.</param>
internal sealed record AuditReferences(IReadOnlyDictionary<int, (double Mean, double Deviation)> Of, double FalseAlarmRate, string Words)
{
    private const double Z95 = 1.6448536269514722;

    /// <summary>No models that never saw the rows.</summary>
    public static AuditReferences None(string why) => new(new Dictionary<int, (double, double)>(), double.NaN, why);

    /// <summary>From labels; <see langword="null"/> unless all rows are labeled.</summary>
    /// <remarks>By definition, 5 % of the retrained models lie above the labels' tolerance; another tolerance is taken for normal in between.</remarks>
    public static AuditReferences? FromLabels(StoredLabels labels, TrainingRows rows, IReadOnlyList<int> forget, double tolerance)
    {
        Dictionary<int, (double, double)> of = [];
        foreach (var position in forget)
        {
            if (labels.Retrained(rows.Ids[position]) is not { } normal)
                return null;
            of.Add(position, normal);
        }
        return new(of, FalseAlarmRateAt(tolerance, labels.Facts.Tolerance), "labels: models of the trials that left the row out");
    }

    private static double FalseAlarmRateAt(double tolerance, double ofLabels) =>
        1 - BinormalAuc.Cumulative(ofLabels > 0 ? Z95 * tolerance / ofLabels : double.PositiveInfinity);

    /// <summary>Retrains models without the rows.</summary>
    /// <param name="request">What is forgotten.</param>
    /// <param name="models">Number of models, at least 2.</param>
    /// <param name="tolerance">Largest residual memory that is accepted.</param>
    /// <param name="ofLabels">The labels' tolerance, which 5 % of retrained models lie above.</param>
    /// <param name="progress">Gets a line after each model.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public static AuditReferences Retrain(
        UnlearningRequest request, int models, double tolerance, double ofLabels, Action<string> progress, CancellationToken cancellationToken)
    {
        int[] forget = [.. request.Forget];
        var answers = new double[models][];
        for (var i = 0; i < models; i++)
        {
            progress(Invariant($"audit: retraining model {i + 1} of {models} without the rows"));
            var seed = Seed.Derive(request.Seed, "audit", i);
            using var model = request.Recipe.Train(request.Rows, request.Retained.ToArray(), seed, cancellationToken: cancellationToken);
            answers[i] = [.. ModelAnswers.Of(model, request.Rows, forget, cancellationToken).LogitConfidences.Select(logit => (double)logit)];
        }
        var meanVariance = Enumerable.Range(0, forget.Length).Average(row => Moments(row, -1).Variance);
        var of = forget.Index().ToDictionary(row => row.Item, row => RetrainPool.Normal(Moments(row.Index, -1), meanVariance));
        var above = 0;
        for (var row = 0; row < forget.Length; row++)
            for (var i = 0; i < models; i++)
                above += OutcomeFormulas.ResidualMemory(answers[i][row], RetrainPool.Normal(Moments(row, i), meanVariance)) > tolerance ? 1 : 0;
        // The share seen among so few models is told, and not judged by: one of eight would excuse any row.
        return new(of, FalseAlarmRateAt(tolerance, ofLabels),
            Invariant($"{models} models that were retrained without the rows for this audit, {above} of whose {forget.Length * models} answers lie above the ")
            + Invariant($"tolerance themselves"));

        (int Count, double Mean, double Variance) Moments(int row, int without)
        {
            double[] values = [.. Enumerable.Range(0, models).Where(i => i != without).Select(i => answers[i][row])];
            var mean = values.Average();
            return (values.Length, mean, values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        }
    }
}
