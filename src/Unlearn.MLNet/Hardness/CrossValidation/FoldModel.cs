using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Microsoft.ML.Transforms;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>A hardness model of one fold: which factors it reads, and what trained it.</summary>
internal sealed record FoldModel(MLContext Context, ITransformer Transformer, string Trainer, FactorTable Table, int[] Columns)
{
    /// <summary>Trains a model on rows and their labels; with a search, on the trainer that inner folds of these very rows choose.</summary>
    public static FoldModel Fit(
        FactorTable table, int[] columns, IReadOnlyList<(int Row, bool Label)> rows, IReadOnlyList<int> groups, HardnessOptions options, int seed,
        CancellationToken cancellationToken)
    {
        var trainer = options.Candidates.Count == 0
            ? options.Trainer ?? HardnessTrainer.FastTree(options.Trees, options.Leaves, options.LearningRate, options.MinimumRowsPerLeaf)
            : Choose(table, columns, rows, groups, options, seed, cancellationToken);
        return Fit(table, columns, rows, trainer, seed, cancellationToken);
    }

    /// <summary>Predicted probability of each row to be hard.</summary>
    public float[] Predict(IReadOnlyList<int> rows) => Predict(Table.ToDataView(Columns, [.. rows.Select(row => (row, false))]));

    /// <summary>Predicted probability of each row of a view to be hard.</summary>
    public float[] Predict(IDataView rows)
    {
        float[] probabilities = [.. Transformer.Transform(rows).GetColumn<float>("Probability")];
        return Array.FindIndex(probabilities, float.IsNaN) is >= 0 and var bad
            ? throw new InvalidOperationException(
                $"{Trainer} predicts NaN for held-out row {bad}: give it a trainer that can deal with the factors' values, or normalize them in front of it.")
            : probabilities;
    }

    /// <summary>Predicted probabilities of rows, of which some factors are those of other rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="shuffles">Places of these factors; for each repetition and row, the row to take them from, by its place among the rows.</param>
    /// <returns>One array for each repetition of each shuffle, in their order.</returns>
    public IEnumerable<float[]> PredictShuffled(IReadOnlyList<int> rows, IReadOnlyList<(int[] Columns, int[][] Sources)> shuffles)
    {
        var features = Table.ToRows(Columns, rows);
        return ShuffledTrees.Of(Transformer, features) is { } trees
            ? shuffles.SelectMany(shuffle => trees.Predict(shuffle.Columns, shuffle.Sources))
            : Predict(FactorTable.Shuffled(features, [.. shuffles.SelectMany(shuffle => shuffle.Sources.Select(source => (shuffle.Columns, source)))]))
                .Chunk(rows.Count);
    }

    /// <summary>What each factor adds to the score of each row; <see langword="null"/> where the model cannot tell, or has other features.</summary>
    public float[][]? Contributions(IReadOnlyList<int> rows)
    {
        var steps = Transformer as IEnumerable<ITransformer> ?? [Transformer];
        var scored = Transformer.Transform(Table.ToDataView(Columns, [.. rows.Select(row => (row, false))]));
        foreach (var (step, column) in steps.Select(step => (step, (step as ISingleFeaturePredictionTransformer<object>)?.FeatureColumnName)))
            if (column is not null && scored.Schema[column].Type is VectorDataViewType { Size: var width } && width == Columns.Length
                && Teller(step, width) is { } teller)
                return [.. teller.Fit(scored).Transform(scored).GetColumn<float[]>("FeatureContributions")];
        return null;
    }

    // ML.NET looks into a calibrated model where its kind is known to the compiler.
    private FeatureContributionCalculatingEstimator? Teller(ITransformer step, int width) => step switch
    {
        ISingleFeaturePredictionTransformer<ICalculateFeatureContribution> plain =>
            Context.Transforms.CalculateFeatureContribution(plain, width, width, normalize: false),
        ISingleFeaturePredictionTransformer<CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>> trees =>
            Context.Transforms.CalculateFeatureContribution(trees, width, width, normalize: false),
        ISingleFeaturePredictionTransformer<CalibratedModelParametersBase<LightGbmBinaryModelParameters, PlattCalibrator>> trees =>
            Context.Transforms.CalculateFeatureContribution(trees, width, width, normalize: false),
        ISingleFeaturePredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> linear =>
            Context.Transforms.CalculateFeatureContribution(linear, width, width, normalize: false),
        _ => null,
    };

    private static FoldModel Fit(
        FactorTable table, int[] columns, IReadOnlyList<(int Row, bool Label)> rows, HardnessTrainer trainer, int seed, CancellationToken cancellationToken)
    {
        var context = new MLContext(seed);
        var view = table.ToDataView(columns, rows);
        return new(
            context, EstimatorTraining.Run(context, trainer.Name, () => trainer.Fit(context, view, seed), cancellationToken), trainer.Name, table, columns);
    }

    private static HardnessTrainer Choose(
        FactorTable table, int[] columns, IReadOnlyList<(int Row, bool Label)> rows, IReadOnlyList<int> groups, HardnessOptions options, int seed,
        CancellationToken cancellationToken)
    {
        bool[] labels = [.. rows.Select(row => row.Label)];
        var folds = GroupedFolds.Split([.. rows.Select(row => groups[row.Row])], options.InnerFolds, seed);
        folds.DemandBothLabels(labels, "the search's inner folds");
        return options.Candidates.MaxBy(candidate =>
        {
            var predictions = new double[rows.Count];
            for (var fold = 0; fold < folds.Count; fold++)
            {
                var heldOut = folds.HeldOut(fold);
                var predicted =
                    Fit(table, columns, [.. folds.Training(fold).Select(i => rows[i])], candidate, seed, cancellationToken)
                        .Predict([.. heldOut.Select(i => rows[i].Row)]);
                for (var i = 0; i < heldOut.Length; i++)
                    predictions[heldOut[i]] = predicted[i];
            }
            return RankStatistics.Auc(predictions, labels);
        })!;
    }
}
