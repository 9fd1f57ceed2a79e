using Microsoft.ML;
using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>
/// Residual memory under one method: its predicted level and an upper bound. Levels, spreads and scores are those of log(1 + residual memory). A row's score
/// is its distance above the predicted level in predicted
/// spreads (Lei et al., "Distribution-Free Predictive Inference for Regression", 2018, section 5.2); the spread is learned from levels predicted out of fold.
/// </summary>
/// <param name="Level">Predicts the level.</param>
/// <param name="Spread">Predicts the mean distance from the level.</param>
/// <param name="SmallestSpread">Lower limit of the spread, above 0.</param>
/// <param name="Bound">Upper bound of the scores.</param>
internal sealed record MethodModel(FactorPredictor Level, FactorPredictor Spread, double SmallestSpread, ConformalBound Bound)
{
    private const int Folds = 5;
    private const int Bins = 3;
    private const double SmallestShare = 0.1;
    private const double Negligible = 1e-6;

    /// <summary>Trains on some rows and calibrates on others.</summary>
    /// <param name="factors">Factors of all labeled rows.</param>
    /// <param name="residualMemory">Residual memory of each row, from 0.</param>
    /// <param name="split">The rows to train on and to calibrate on, and the group of each labeled row.</param>
    /// <param name="regressor">What predicts levels and spreads.</param>
    /// <param name="confidence">1 − α.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static MethodModel Fit(
        FactorMatrix factors, IReadOnlyList<float> residualMemory, GroupSplit split, Func<MLContext, int, IEstimator<ITransformer>> regressor,
        double confidence, int seed, CancellationToken cancellationToken)
    {
        double[] logs = [.. residualMemory.Select(value => Math.Log(1 + (double)value))];
        var training = split.Training;
        var folds = GroupedFolds.Split([.. training.Select(row => split.Groups[row])], Folds, seed);
        var levels = new double[factors.Ids.Count];
        for (var fold = 0; fold < folds.Count; fold++)
        {
            int[] heldOut = [.. folds.HeldOut(fold).Select(i => training[i])];
            var predicted = Train([.. folds.Training(fold).Select(i => training[i])], logs, "fold", fold).Predict(factors, heldOut);
            for (var i = 0; i < heldOut.Length; i++)
                levels[heldOut[i]] = predicted[i];
        }
        double[] distances = [.. logs.Zip(levels, (log, level) => Math.Abs(log - level))];
        double[] ordered = [.. training.Select(row => levels[row]).Order()];
        var level = Train(training, logs, "level", 0);
        var spread = Train(training, distances, "spread", 0);
        var smallest = Math.Max(Negligible, SmallestShare * training.Average(row => distances[row]));

        var calibration = split.Calibration;
        var levelsOf = level.Predict(factors, calibration);
        var spreadsOf = spread.Predict(factors, calibration);
        var bound = ConformalBound.Fit([.. Enumerable.Range(1, Bins - 1).Select(bin => ordered[ordered.Length * bin / Bins])],
            [.. calibration.Select((row, i) => (levelsOf[i], (logs[row] - levelsOf[i]) / Math.Max(spreadsOf[i], smallest)))], confidence);
        return new(level, spread, smallest, bound);

        FactorPredictor Train(int[] rows, double[] labels, string part, int number) =>
            FactorPredictor.Fit(regressor, factors, rows, labels, (int)(Seed.Derive(seed, part, number) & int.MaxValue), cancellationToken);
    }

    /// <summary>Residual memory from a predicted level and spread: the prediction and its upper bound, from 0.</summary>
    public (float Predicted, float Bound) Of(double level, double spread) =>
        (Memory(level), Memory(level + Bound.Of(level) * Math.Max(spread, SmallestSpread)));

    private static float Memory(double log) => (float)Math.Max(0, Math.Exp(log) - 1);
}
