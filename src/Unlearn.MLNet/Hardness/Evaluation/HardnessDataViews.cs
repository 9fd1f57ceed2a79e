using Microsoft.ML;

namespace Unlearn.MLNet;

/// <summary>Results as data views, for further pipelines, ML.NET's own evaluators and files.</summary>
public static class HardnessDataViews
{
    private sealed class PredictionRow
    {
        public string RowId { get; set; } = "";

        public int Fold { get; set; }

        public double HardnessScore { get; set; }

        public bool Label { get; set; }

        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }

    private sealed class MetricRow
    {
        public string Kind { get; set; } = "";

        public string Name { get; set; } = "";

        public int FactorCount { get; set; }

        public double Auc { get; set; }

        public double AucLow { get; set; }

        public double AucHigh { get; set; }

        public double Difference { get; set; }

        public double DifferenceLow { get; set; }

        public double DifferenceHigh { get; set; }

        public double AveragePrecision { get; set; }

        public double Spearman { get; set; }
    }

    private sealed class ImportanceRow
    {
        public string Name { get; set; } = "";

        public bool IsFamily { get; set; }

        public double Loss { get; set; }

        public double Deviation { get; set; }
    }

    private sealed class TransferRow
    {
        public string TrainedOn { get; set; } = "";

        public string TestedOn { get; set; } = "";

        public double Auc { get; set; }

        public double AucLow { get; set; }

        public double AucHigh { get; set; }
    }

    /// <summary>
    /// The out-of-fold predictions, one row each: <c>RowId</c>, <c>Fold</c>, <c>HardnessScore</c>, <c>Label</c>, <c>PredictedLabel</c>, <c>Score</c> (the
    /// log-odds) and <c>Probability</c>. <c>BinaryClassification.Evaluate</c> takes it as it is.
    /// </summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="context">The context.</param>
    /// <param name="rowIds">Id of each row; <see langword="null"/> for its place.</param>
    /// <exception cref="ArgumentException">There is not one id for each row.</exception>
    public static IDataView PredictionsToDataView(this HardnessEvaluation evaluation, MLContext context, IReadOnlyList<string>? rowIds = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(context);
        if (rowIds is not null && rowIds.Count != evaluation.Predictions.Count)
            throw new ArgumentException($"There are {rowIds.Count} row ids for {evaluation.Predictions.Count} rows.", nameof(rowIds));
        return context.Data.LoadFromEnumerable(evaluation.Predictions.Select((probability, row) => new PredictionRow
        {
            RowId = rowIds?[row] ?? row.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Fold = evaluation.Folds[row],
            HardnessScore = evaluation.Scores[row],
            Label = evaluation.Labels[row],
            PredictedLabel = probability > 0.5,
            Score = (float)Math.Log(probability / (1 - probability)),
            Probability = (float)probability,
        }).ToList());
    }

    /// <summary>
    /// The figures of all factors and of each subset: <c>Kind</c>, <c>Name</c>, <c>FactorCount</c>, <c>Auc</c>, <c>AucLow</c>, <c>AucHigh</c>, the
    /// <c>Difference</c> from the AUC of all factors with <c>DifferenceLow</c> and <c>DifferenceHigh</c>, <c>AveragePrecision</c> and <c>Spearman</c>.
    /// </summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="context">The context.</param>
    public static IDataView SubsetsToDataView(this HardnessEvaluation evaluation, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(context);
        var all = new SubsetAuc
        {
            Subset = new() { Kind = SubsetKind.All, Name = "all", Factors = [.. evaluation.SingleFactors.Select(factor => factor.Factor)] },
            Auc = evaluation.Auc,
            Difference = default,
            AveragePrecision = evaluation.AveragePrecision,
            Spearman = evaluation.Spearman,
        };
        return context.Data.LoadFromEnumerable(evaluation.Subsets.Prepend(all).Select(subset => new MetricRow
        {
            Kind = subset.Subset.Kind.ToString(),
            Name = subset.Subset.Name,
            FactorCount = subset.Subset.Factors.Count,
            Auc = subset.Auc.Value,
            AucLow = subset.Auc.Low,
            AucHigh = subset.Auc.High,
            Difference = subset.Difference.Value,
            DifferenceLow = subset.Difference.Low,
            DifferenceHigh = subset.Difference.High,
            AveragePrecision = subset.AveragePrecision,
            Spearman = subset.Spearman,
        }).ToList());
    }

    /// <summary>The permutation importance: <c>Name</c>, <c>IsFamily</c>, <c>Loss</c>, <c>Deviation</c>.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="context">The context.</param>
    public static IDataView ImportanceToDataView(this HardnessEvaluation evaluation, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(context);
        return context.Data.LoadFromEnumerable(evaluation.Importance.Select(factor => new ImportanceRow
        {
            Name = factor.Name,
            IsFamily = factor.IsFamily,
            Loss = factor.Loss,
            Deviation = factor.Deviation,
        }).ToList());
    }

    /// <summary>The matrix, a row for each pair: <c>TrainedOn</c>, <c>TestedOn</c>, <c>Auc</c>, <c>AucLow</c>, <c>AucHigh</c>.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="context">The context.</param>
    public static IDataView ToDataView(this TransferMatrix matrix, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(context);
        return context.Data.LoadFromEnumerable(
            (from a in Enumerable.Range(0, matrix.Names.Count)
             from b in Enumerable.Range(0, matrix.Names.Count)
             let auc = matrix.Auc[a][b]
             select new TransferRow { TrainedOn = matrix.Names[a], TestedOn = matrix.Names[b], Auc = auc.Value, AucLow = auc.Low, AucHigh = auc.High }).ToList());
    }
}
