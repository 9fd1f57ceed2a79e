using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.Transforms.Interop;

namespace Unlearn.Transforms.MLNetModels.Trees;

/// <summary>Reads what ML.NET's tree trainers have made.</summary>
internal static class TreeModelReader
{
    private const string Supported = "a FastTree or LightGBM of any number of classes, or a binary FastForest with its Platt calibrator";

    /// <exception cref="NotSupportedException">The model is no tree ensemble, or its probabilities cannot be had exactly.</exception>
    public static TreeEnsembleTarget Read(ITransformer model)
    {
        var found = Find(model);
        return found.Refusal is null
            ? new(Read(found.Scores, found.Link), FeatureCount(found.Scores[0].Trees))
            : throw new NotSupportedException(found.Refusal);
    }

    /// <summary>The target, or <see langword="null"/> where <see cref="Read(ITransformer)"/> refuses.</summary>
    public static TreeEnsembleTarget? TryRead(ITransformer model) => Find(model).Refusal is null ? Read(model) : null;

    /// <summary>The trees of one score, and what their sum is multiplied with and moved by.</summary>
    private sealed record Score(TreeEnsembleModelParameters Trees, double Scale, double Offset)
    {
        // A Platt calibrator gives 1 / (1 + exp(slope · score + offset)).
        public Score(TreeEnsembleModelParameters trees, PlattCalibrator platt) : this(trees, -platt.Slope, -platt.Offset) { }
    }

    private sealed record Found(IReadOnlyList<Score> Scores, TreeLink Link, string? Refusal)
    {
        public static Found Refuse(string why) => new([], default, why);
    }

    private static Found Find(ITransformer model)
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
                case OneVersusAllModelParameters ofClasses when trees is null && MLNetInternals.ModelsOfClasses(ofClasses).All(submodel =>
                    submodel is CalibratedModelParametersBase { SubModel: TreeEnsembleModelParametersBasedOnRegressionTree, Calibrator: PlattCalibrator }):
                    return OfClasses(ofClasses);
                case { } other when trees is null:
                    return Found.Refuse(
                        $"The model holds {NameOf(other)}, but a {nameof(TreeEnsembleTarget)} is made of {Supported}: {nameof(MLNetTarget)} takes any model.");
                case null when trees is null:
                    return Found.Refuse($"The model begins with a {transformer.GetType().Name}, but a {nameof(TreeEnsembleTarget)} begins with the trees: "
                        + "transform the data before, and pass the trainer's transformer alone.");
            }
        }
        return (trees, calibrator) switch
        {
            (not (TreeEnsembleModelParametersBasedOnRegressionTree or TreeEnsembleModelParametersBasedOnQuantileRegressionTree), _) =>
                Found.Refuse($"{trees?.GetType().Name ?? "An empty chain"} does not show its trees: a {nameof(TreeEnsembleTarget)} is made of {Supported}."),
            (_, PlattCalibrator platt) => WithSplits([new(trees, platt)], TreeLink.LogOdds),
            (_, null) => Found.Refuse($"The {trees.GetType().Name} give scores without probabilities: "
                + "append mlContext.BinaryClassification.Calibrators.Platt() to the trainer and pass both transformers as one chain."),
            _ => Found.Refuse($"The scores of the trees are calibrated by a {calibrator.GetType().Name}, but only those of a {nameof(PlattCalibrator)} are "
                + "log-odds: calibrate with mlContext.BinaryClassification.Calibrators.Platt()."),
        };
    }

    // LightGBM's softmax is of its trees' own sums, past the calibrators that it puts around them all the same.
    private static Found OfClasses(OneVersusAllModelParameters model)
    {
        var pairs = MLNetInternals.ModelsOfClasses(model)
            .Cast<CalibratedModelParametersBase>()
            .Select(pair => (Trees: (TreeEnsembleModelParameters)pair.SubModel, Platt: (PlattCalibrator)pair.Calibrator));
        return MLNetInternals.NormalizesProbabilities(model) switch
        {
            true => WithSplits([.. pairs.Select(pair => new Score(pair.Trees, pair.Platt))], TreeLink.OneVersusAll),
            false => WithSplits([.. pairs.Select(pair => new Score(pair.Trees, 1, 0))], TreeLink.Softmax),
            _ => Found.Refuse($"The trees of the classes give scores without probabilities: train {nameof(OneVersusAllTrainer)} with useProbabilities."),
        };
    }

    private static Found WithSplits(IReadOnlyList<Score> scores, TreeLink link) =>
        scores.SelectMany(score => Trees(score.Trees)).All(tree => tree.NumberOfNodes == 0)
            ? Found.Refuse("None of the trees splits the rows, so that all rows have the same probability: train on more rows, or with fewer rows a leaf.")
            : new(scores, link, null);

    private static string NameOf(object model) => model switch
    {
        CalibratedModelParametersBase pair => pair.SubModel.GetType().Name,
        OneVersusAllModelParameters ofClasses => $"{nameof(OneVersusAllModelParameters)} of {NameOf(MLNetInternals.ModelsOfClasses(ofClasses)[0])}",
        _ => model.GetType().Name,
    };

    private static IEnumerable<RegressionTreeBase> Trees(TreeEnsembleModelParameters model) => model switch
    {
        TreeEnsembleModelParametersBasedOnRegressionTree boosted => boosted.TrainedTreeEnsemble.Trees,
        TreeEnsembleModelParametersBasedOnQuantileRegressionTree forest => forest.TrainedTreeEnsemble.Trees,
        _ => [],
    };

    private static (double Bias, IEnumerable<(RegressionTreeBase Tree, double Weight)> Trees) Weighted(TreeEnsembleModelParameters model)
    {
        return model is TreeEnsembleModelParametersBasedOnQuantileRegressionTree forest
            ? Of(forest.TrainedTreeEnsemble)
            : Of(((TreeEnsembleModelParametersBasedOnRegressionTree)model).TrainedTreeEnsemble);

        static (double, IEnumerable<(RegressionTreeBase, double)>) Of<T>(TreeEnsemble<T> ensemble)
            where T : RegressionTreeBase => (ensemble.Bias, ensemble.Trees.Zip(ensemble.TreeWeights, (tree, weight) => ((RegressionTreeBase)tree, weight)));
    }

    private static TreeEnsemble Read(IReadOnlyList<Score> ofModel, TreeLink link)
    {
        List<int> scores = [], roots = [], left = [], right = [], features = [], categories = [], categoryStarts = [0];
        List<float> starts = [], thresholds = [], leafValues = [];
        foreach (var score in ofModel)
        {
            var (bias, trees) = Weighted(score.Trees);
            // ML.NET takes a tree without any split for zero.
            foreach (var (tree, weight) in trees.Where(tree => tree.Tree.NumberOfNodes > 0))
            {
                var (firstNode, firstLeaf) = (left.Count, leafValues.Count);
                scores.Add(starts.Count);
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
                leafValues.AddRange(tree.LeafValues.Take(tree.NumberOfLeaves).Select(value => (float)(score.Scale * weight * value)));

                int Child(int child) => child >= 0 ? firstNode + child : ~(firstLeaf + ~child);
            }
            starts.Add((float)(score.Scale * bias + score.Offset));
        }
        return new()
        {
            IsBoosted = ofModel[0].Trees is TreeEnsembleModelParametersBasedOnRegressionTree,
            Link = link,
            Starts = [.. starts],
            Scores = [.. scores],
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
