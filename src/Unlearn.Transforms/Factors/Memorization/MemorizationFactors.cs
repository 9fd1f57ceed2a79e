using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Memorization;

/// <summary>Factors of what models say of the row that were trained with it and without it: NaN for rows that the reference models do not know.</summary>
internal static class MemorizationFactors
{
    private const string Family = "memorization";
    private const string OutMean = nameof(OutMean);
    private const string OutDeviation = nameof(OutDeviation);

    // A deviation of a few models may come out far too small by chance.
    private const double SmallestRelativeDeviation = 0.1;
    private const double SmallestDeviation = 1e-6;

    private static readonly RowTable References = new(nameof(References), [nameof(Memorization), OutMean, OutDeviation], Columns);

    public static readonly IHardnessFactor Memorization = new Factor(nameof(Memorization), FactorTier.T3,
        "mean p_y of the reference models that the row was in, minus that of those it was out of; in [−1, 1]",
        batch => References.Column(batch, nameof(Memorization)))
    {
        Cost = "a look-up; the training of the reference models",
        Source = "Feldman and Zhang, arXiv 2008.03703, with the probability of the label in place of that of predicting it",
        Family = Family,
        NeedsLabel = false,
        NeedsRowId = true,
        Statistic = References,
    };

    public static readonly IHardnessFactor MembershipZ = new Factor(nameof(MembershipZ), FactorTier.T3,
        "(ψ − μ) / σ with ψ = log(p_y / (1 − p_y)), μ and σ its mean and standard deviation over the reference models that the row was out of, "
        + "σ at least a tenth of its median over the rows; any real number", Z)
    {
        Cost = "1 forward; the training of the reference models",
        Source = "LiRA: Carlini et al., arXiv 2112.03570, as a z-score against the models without the row",
        Family = Family,
        NeedsRowId = true,
        Statistic = References,
    };

    private static torch.Tensor Z(FactorBatch batch) =>
        (LogitConfidence.Of(batch.LogProbabilities, batch.Labels) - References.Column(batch, OutMean)) / References.Column(batch, OutDeviation);

    private static (IReadOnlyList<string> Ids, IReadOnlyDictionary<string, float[]> Columns) Columns(FactorTraining training)
    {
        var references = training.References!;
        var rows = Enumerable.Range(0, references.RowIds.Count);
        double[] deviations = [.. rows.Select(row => Deviation(Of(row, isIn: false)))];
        var smallest = Math.Max(SmallestDeviation, SmallestRelativeDeviation * Median(deviations));
        return (references.RowIds, new Dictionary<string, float[]>
        {
            [nameof(Memorization)] = [.. rows.Select(
                row => (float)(Of(row, isIn: true).Average(LogitConfidence.Probability) - Of(row, isIn: false).Average(LogitConfidence.Probability)))],
            [OutMean] = [.. rows.Select(row => (float)Of(row, isIn: false).Average())],
            [OutDeviation] = [.. deviations.Select(deviation => (float)Math.Max(deviation, smallest))],
        });

        double[] Of(int row, bool isIn) =>
            [.. references.Members.Zip(references.LogitConfidences).Where(model => model.First[row] == isIn).Select(model => (double)model.Second[row])];
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
