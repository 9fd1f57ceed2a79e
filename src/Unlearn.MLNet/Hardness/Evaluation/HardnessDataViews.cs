using Microsoft.ML;

namespace Unlearn.MLNet.Hardness.Evaluation;

/// <summary>Results as data views, for further pipelines, ML.NET's own evaluators and files.</summary>
internal static class HardnessDataViews
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

    public static IDataView Predictions(HardnessEvaluation evaluation, MLContext context, IReadOnlyList<string>? rowIds = null)
    {
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

    public static IDataView Subsets(HardnessEvaluation evaluation, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var all = new SubsetAuc
        {
            Kind = SubsetKind.All,
            Name = "all",
            Factors = [.. evaluation.SingleFactors.Select(factor => factor.Factor)],
            Auc = evaluation.Auc,
            Difference = default,
            AveragePrecision = evaluation.AveragePrecision,
            Spearman = evaluation.Spearman,
        };
        return context.Data.LoadFromEnumerable(evaluation.Subsets.Prepend(all).Select(subset => new MetricRow
        {
            Kind = subset.Kind.ToString(),
            Name = subset.Name,
            FactorCount = subset.Factors.Count,
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

    public static IDataView Importance(HardnessEvaluation evaluation, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Data.LoadFromEnumerable(evaluation.Importance.Select(factor => new ImportanceRow
        {
            Name = factor.Name,
            IsFamily = factor.IsFamily,
            Loss = factor.Loss,
            Deviation = factor.Deviation,
        }).ToList());
    }
}
