using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Unlearn.Transforms.Targets.Trees;

/// <summary>Reads what ML.NET's tree trainers have made.</summary>
internal static class TreeModelReader
{
    private const string Supported = "a binary FastTree or LightGBM, or a FastForest with its Platt calibrator";

    /// <exception cref="NotSupportedException">The model is no tree ensemble, or its probabilities cannot be had exactly.</exception>
    public static TreeEnsembleTarget Read(ITransformer model)
    {
        var (trees, platt, refusal) = Find(model);
        return refusal is null ? new(Read(trees!, platt!), FeatureCount(trees!)) : throw new NotSupportedException(refusal);
    }

    /// <summary>The target, or <see langword="null"/> where <see cref="Read(ITransformer)"/> refuses.</summary>
    public static TreeEnsembleTarget? TryRead(ITransformer model) => Find(model).Refusal is null ? Read(model) : null;

    private static (TreeEnsembleModelParameters? Trees, PlattCalibrator? Platt, string? Refusal) Find(ITransformer model)
    {
        TreeEnsembleModelParameters? trees = null;
        ICalibrator? calibrator = null;
        foreach (var transformer in model as IEnumerable<ITransformer> ?? [model])
        {
            switch ((transformer as IPredictionTransformer<object>)?.Model)
            {
                case CalibratedModelParametersBase { SubModel: TreeEnsembleModelParameters calibrated } pair:
                    (trees, calibrator) = (calibrated, pair.Calibrator);
                    break;
                case TreeEnsembleModelParameters uncalibrated:
                    trees = uncalibrated;
                    break;
                case ICalibrator appended when trees is not null:
                    calibrator = appended;
                    break;
                case { } other when trees is null:
                    return Refuse($"The model holds {((other as CalibratedModelParametersBase)?.SubModel ?? other).GetType().Name}, but a {nameof(TreeEnsembleTarget)} is made of {Supported}: {nameof(MLNetTarget)} takes any model.");
                case null when trees is null:
                    return Refuse($"The model begins with a {transformer.GetType().Name}, but a {nameof(TreeEnsembleTarget)} begins with the trees: transform the data before, and pass the trainer's transformer alone.");
            }
        }
        if (trees is not (TreeEnsembleModelParametersBasedOnRegressionTree or TreeEnsembleModelParametersBasedOnQuantileRegressionTree))
            return Refuse($"{trees?.GetType().Name ?? "An empty chain"} does not show its trees: a {nameof(TreeEnsembleTarget)} is made of {Supported}.");
        if (Trees(trees).All(tree => tree.NumberOfNodes == 0))
            return Refuse("None of the trees splits the rows, so that all rows have the same probability: train on more rows, or with fewer rows a leaf.");
        return calibrator switch
        {
            PlattCalibrator platt => (trees, platt, null),
            null => Refuse($"The {trees.GetType().Name} give scores without probabilities: append mlContext.BinaryClassification.Calibrators.Platt() to the trainer and pass both transformers as one chain."),
            _ => Refuse($"The scores of the trees are calibrated by a {calibrator.GetType().Name}, but only those of a {nameof(PlattCalibrator)} are log-odds: calibrate with mlContext.BinaryClassification.Calibrators.Platt()."),
        };

        static (TreeEnsembleModelParameters?, PlattCalibrator?, string?) Refuse(string why) => (null, null, why);
    }

    private static IEnumerable<RegressionTreeBase> Trees(TreeEnsembleModelParameters model) => model switch
    {
        TreeEnsembleModelParametersBasedOnRegressionTree boosted => boosted.TrainedTreeEnsemble.Trees,
        TreeEnsembleModelParametersBasedOnQuantileRegressionTree forest => forest.TrainedTreeEnsemble.Trees,
        _ => [],
    };

    private static TreeEnsemble Read(TreeEnsembleModelParameters model, PlattCalibrator platt) => model is TreeEnsembleModelParametersBasedOnQuantileRegressionTree forest
        ? Read(forest.TrainedTreeEnsemble, platt, isBoosted: false)
        : Read(((TreeEnsembleModelParametersBasedOnRegressionTree)model).TrainedTreeEnsemble, platt, isBoosted: true);

    private static TreeEnsemble Read<T>(TreeEnsemble<T> ensemble, PlattCalibrator platt, bool isBoosted)
        where T : RegressionTreeBase
    {
        List<int> roots = [], left = [], right = [], features = [], categories = [], categoryStarts = [0];
        List<float> thresholds = [], leafValues = [];
        // ML.NET takes a tree without any split for zero.
        foreach (var (tree, weight) in ensemble.Trees.Zip(ensemble.TreeWeights).Where(tree => tree.First.NumberOfNodes > 0))
        {
            var (firstNode, firstLeaf) = (left.Count, leafValues.Count);
            roots.Add(firstNode);
            for (var node = 0; node < tree.NumberOfNodes; node++)
            {
                left.Add(Child(tree.LeftChild[node]));
                right.Add(Child(tree.RightChild[node]));
                features.Add(tree.NumericalSplitFeatureIndexes[node]);
                thresholds.Add(tree.NumericalSplitThresholds[node]);
                if (tree.CategoricalSplitFlags[node])
                    categories.AddRange(tree.GetCategoricalSplitFeaturesAt(node));
                categoryStarts.Add(categories.Count);
            }
            leafValues.AddRange(tree.LeafValues.Take(tree.NumberOfLeaves).Select(value => (float)(-platt.Slope * weight * value)));

            int Child(int child) => child >= 0 ? firstNode + child : ~(firstLeaf + ~child);
        }
        return new()
        {
            IsBoosted = isBoosted,
            Start = (float)-(platt.Slope * ensemble.Bias + platt.Offset),
            Roots = [.. roots],
            Left = [.. left],
            Right = [.. right],
            Features = [.. features],
            Thresholds = [.. thresholds],
            CategoryStarts = [.. categoryStarts],
            Categories = [.. categories],
            LeafValues = [.. leafValues],
        };
    }

    private static int FeatureCount(TreeEnsembleModelParameters model)
    {
        var weights = default(VBuffer<float>);
        model.GetFeatureWeights(ref weights);
        return weights.Length;
    }
}
