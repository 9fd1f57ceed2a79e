using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.MLNet.GroundTruth;

namespace Unlearn.MLNet.Hardness;

/// <summary>Trains hardness models on factor columns and scores them on rows they never saw.</summary>
public static class HardnessEvaluator
{
    private sealed class Row
    {
        public int Index { get; set; }

        public string Group { get; set; } = "";

        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class Prediction
    {
        public int Index { get; set; }

        public float Probability { get; set; }
    }

    /// <summary>
    /// Cross-validates FastTree on the factors, through an ordinary ML.NET pipeline, with near-duplicates in one fold.
    /// </summary>
    /// <param name="factors">The factor columns.</param>
    /// <param name="scores">Hardness scores of one unlearner.</param>
    /// <param name="groups">Group of each row; a group never straddles two folds.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of folds and trees.</param>
    /// <exception cref="ArgumentException">A fold holds rows of one label only: fewer folds or more rows are needed.</exception>
    public static HardnessEvaluation Evaluate(IReadOnlyList<FactorColumn> factors, HardnessScores scores, IReadOnlyList<int> groups, HardnessOptions options, int seed)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(options);
        var labels = HardnessScores.Label(scores.All, options.HardShare);
        var halves = scores.Halves.Select(half => HardnessScores.Label(half, options.HardShare)).ToList();
        var predictions = PredictOutOfFold(factors, labels, groups, options, seed);
        var singles = factors.Select(factor => Single(factor, scores.All, labels)).ToList();
        return new()
        {
            Auc = RankStatistics.AucWithInterval(predictions, labels),
            Ceiling = (RankStatistics.Auc(scores.Halves[0], halves[1]) + RankStatistics.Auc(scores.Halves[1], halves[0])) / 2,
            AveragePrecision = RankStatistics.AveragePrecision(predictions, labels),
            Spearman = RankStatistics.Spearman(predictions, scores.All),
            Predictions = predictions,
            Roc = RankStatistics.Roc(predictions, labels, maxPoints: 200),
            LossAuc = singles.FirstOrDefault(single => single.Factor == "Loss")?.Auc ?? double.NaN,
            BestSingle = singles.MaxBy(single => single.Auc)!,
            SingleFactors = singles,
        };
    }

    private static double[] PredictOutOfFold(IReadOnlyList<FactorColumn> factors, IReadOnlyList<bool> labels, IReadOnlyList<int> groups, HardnessOptions options, int seed)
    {
        var context = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, factors.Count);
        var data = context.Data.LoadFromEnumerable(labels.Select((label, row) => new Row
        {
            Index = row,
            Group = groups[row].ToString(System.Globalization.CultureInfo.InvariantCulture),
            Label = label,
            Features = [.. factors.Select(factor => factor.Values[row])],
        }).ToList(), schema);
        var trainer = context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = options.Trees,
            NumberOfLeaves = options.Leaves,
            LearningRate = options.LearningRate,
            MinimumExampleCountPerLeaf = options.MinimumRowsPerLeaf,
            NumberOfThreads = 1,
            Seed = seed,
            FeatureSelectionSeed = seed,
        });
        IReadOnlyList<TrainCatalogBase.CrossValidationResult<CalibratedBinaryClassificationMetrics>> folds;
        try
        {
            folds = context.BinaryClassification.CrossValidate(data, trainer, options.Folds, samplingKeyColumnName: nameof(Row.Group), seed: seed);
        }
        catch (ArgumentOutOfRangeException cause) when (cause.Message.Contains("AUC is not defined", StringComparison.Ordinal))
        {
            throw new ArgumentException($"One of {options.Folds} folds over {labels.Count} rows holds rows of one label only, so its AUC is undefined: use fewer folds or more rows.", cause);
        }
        var predictions = new double[labels.Count];
        Array.Fill(predictions, double.NaN);
        foreach (var prediction in folds.SelectMany(fold => context.Data.CreateEnumerable<Prediction>(fold.ScoredHoldOutSet, reuseRowObject: true).Select(row => (row.Index, row.Probability))))
            predictions[prediction.Index] = prediction.Probability;
        return predictions;
    }

    private static SingleFactorAuc Single(FactorColumn factor, IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        double[] values = [.. factor.Values.Select(value => (double)value)];
        var auc = RankStatistics.Auc(values, labels);
        return new(factor.Name, Math.Max(auc, 1 - auc), RankStatistics.Spearman(values, scores));
    }
}
