using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace Unlearn.MLNet;

/// <summary>Ready-made trainers of hardness models. All are seeded and use one thread, so that the same rows give the same model on any number of cores.</summary>
public static class HardnessTrainers
{
    /// <summary>Boosted trees of ML.NET (MART).</summary>
    /// <param name="settings">Settings; the defaults of <see cref="TreeSettings"/> if <see langword="null"/>.</param>
    public static HardnessTrainer FastTree(TreeSettings? settings = null)
    {
        settings ??= new TreeSettings();
        return new($"FastTree ({settings})", (context, seed) => context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = settings.Trees,
            NumberOfLeaves = settings.Leaves,
            LearningRate = settings.LearningRate,
            MinimumExampleCountPerLeaf = settings.MinimumRowsPerLeaf,
            NumberOfThreads = 1,
            Seed = seed,
            FeatureSelectionSeed = seed,
        }));
    }

    /// <summary>LightGBM, by its native library.</summary>
    /// <param name="settings">Settings; the defaults of <see cref="TreeSettings"/> if <see langword="null"/>.</param>
    public static HardnessTrainer LightGbm(TreeSettings? settings = null)
    {
        settings ??= new TreeSettings();
        return new($"LightGBM ({settings})", (context, seed) => context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            NumberOfIterations = settings.Trees,
            NumberOfLeaves = settings.Leaves,
            LearningRate = settings.LearningRate,
            MinimumExampleCountPerLeaf = settings.MinimumRowsPerLeaf,
            NumberOfThreads = 1,
            Seed = seed,
            Deterministic = true,
            Silent = true,
        }));
    }

    /// <summary>A random forest of ML.NET, calibrated by Platt's method on its training rows.</summary>
    /// <param name="settings">Settings; <see langword="null"/> for 200 trees of 32 leaves with at least 10 rows each.</param>
    public static HardnessTrainer FastForest(TreeSettings? settings = null)
    {
        settings ??= new TreeSettings { Trees = 200, Leaves = 32, MinimumRowsPerLeaf = 10 };
        return new($"FastForest ({settings.Trees} trees of {settings.Leaves} leaves, from {settings.MinimumRowsPerLeaf} rows)", (context, seed) => context.BinaryClassification.Trainers.FastForest(new FastForestBinaryTrainer.Options
        {
            NumberOfTrees = settings.Trees,
            NumberOfLeaves = settings.Leaves,
            MinimumExampleCountPerLeaf = settings.MinimumRowsPerLeaf,
            NumberOfThreads = 1,
            Seed = seed,
            FeatureSelectionSeed = seed,
        }));
    }

    /// <summary>
    /// Logistic regression on the ranks of the factors: each is put into up to 255 bins of equally many training rows, scaled to [0, 1]. Factors span many
    /// orders of magnitude, and their ranks are what hardness goes with.
    /// </summary>
    /// <param name="l2">Weight of the L2 penalty, from 0.</param>
    public static HardnessTrainer LogisticRegression(float l2 = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(l2);
        return new(Invariant($"logistic regression (L2 {l2})"), context => context.Transforms.NormalizeBinning("Features", maximumBinCount: 255, fixZero: false)
            .Append(context.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                L1Regularization = 0,
                L2Regularization = l2,
                NumberOfThreads = 1,
            })));
    }
}
