using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>Factors of a target, fitted on its training rows and computed for rows, without ML.NET around.</summary>
internal static class FactorFit
{
    public static FactorModel Fit(ITarget target, TrainingRows rows, params IReadOnlyList<IHardnessFactor> factors) => Fit(target, Rows(rows), factors);

    public static FactorModel Fit(ITarget target, FactorRows rows, params IReadOnlyList<IHardnessFactor> factors) =>
        FactorModel.Fit(
            target.Clone(), factors, rows, (target as TorchTarget)?.Trace, references: null, UnknownLabelHandling.Missing, batchSize: 7, seed: 3, () => { });

    public static FactorRows Rows(TrainingRows rows) =>
        new(rows.CopyFeatures(), [.. Enumerable.Range(0, rows.Count).Select(row => (long)rows.LabelAt(row))], [.. rows.Ids.Select(RowKey.OfId)]);

    /// <summary>Values of each factor of the model.</summary>
    public static float[][] Compute(this FactorModel model, FactorRows rows)
    {
        var values = new float[model.Factors.Count][];
        model.Compute([.. Enumerable.Range(0, values.Length)], rows, values);
        return values;
    }

    /// <summary>Values of one factor for the training rows.</summary>
    public static float[] Compute(ITarget target, TrainingRows rows, IHardnessFactor factor) => Fit(target, rows, factor).Compute(Rows(rows))[0];
}
