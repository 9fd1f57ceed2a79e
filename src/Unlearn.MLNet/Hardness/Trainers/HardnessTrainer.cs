using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Microsoft.ML.Trainers;
using Microsoft.ML;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet;

/// <summary>
/// What trains a hardness model: any ML.NET estimator that learns the column <c>Label</c> (<see cref="bool"/>: hard or not) from the column
/// <c>Features</c> (a known-size vector of <see cref="float"/>: the factors) and yields <c>Score</c>. One is fitted for every fold, on the fold's
/// training rows only, so whatever it learns of the features' scale comes from them as well.
/// </summary>
/// <remarks>The ready-made trainers are seeded and use one thread, so that the same rows give the same model on any number of cores.</remarks>
public sealed class HardnessTrainer
{
    /// <summary>ML.NET's default of the most bins that a factor is put into.</summary>
    internal const int Bins = 255;

    /// <summary>A fit takes half as long as with <see cref="Bins"/>, and AUCs differ by some 0.001.</summary>
    internal const int FewBins = 64;

    private readonly Func<MLContext, int, IEstimator<ITransformer>> _create;

    /// <summary>Makes a trainer with a seed of its own.</summary>
    /// <param name="name">Name, for reports.</param>
    /// <param name="create">
    /// Makes the estimator from a context and a seed of at least 0. It is called from several threads at once, each with its own context. For results
    /// that do not depend on the machine, the estimator must use one thread and take every seed from here.
    /// </param>
    public HardnessTrainer(string name, Func<MLContext, int, IEstimator<ITransformer>> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(create);
        (Name, _create) = (name, create);
    }

    /// <summary>Makes a trainer of an estimator that takes its seed from the context, or needs none.</summary>
    /// <param name="name">Name, for reports.</param>
    /// <param name="create">Makes the estimator; see the other constructor.</param>
    public HardnessTrainer(string name, Func<MLContext, IEstimator<ITransformer>> create)
        : this(name, create is null ? null! : (context, _) => create(context))
    {
    }

    /// <summary>Name, for reports.</summary>
    public string Name { get; }

    /// <summary>
    /// Trains a hardness model. Where the estimator yields no column <c>Probability</c>, Platt's calibration of <c>Score</c> on the same rows is
    /// added.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="data">Rows with the columns <c>Label</c> and <c>Features</c>.</param>
    /// <param name="seed">Seed, at least 0.</param>
    /// <returns>A transformer that yields <c>Score</c> and <c>Probability</c>.</returns>
    /// <exception cref="InvalidOperationException">The estimator yields no column <c>Score</c> of <see cref="float"/>.</exception>
    public ITransformer Fit(MLContext context, IDataView data, int seed)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(data);
        var model = PoolThread.Run(() => _create(context, seed).Fit(data));
        var output = model.GetOutputSchema(data.Schema);
        if (output.GetColumnOrNull("Score")?.Type != NumberDataViewType.Single)
            throw new InvalidOperationException($"The trainer {Name} yields no column Score of a single float, so it is no binary classifier: "
                + $"its columns are {string.Join(", ", output.Select(column => column.Name))}.");
        return output.GetColumnOrNull("Probability") is null
            ? model.Append(context.BinaryClassification.Calibrators.Platt().Fit(model.Transform(data)))
            : model;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Boosted trees of ML.NET (MART).</summary>
    /// <param name="trees">Number of trees, from 1.</param>
    /// <param name="leaves">Leaves of a tree, from 2.</param>
    /// <param name="learningRate">Learning rate of the boosting, above 0.</param>
    /// <param name="minimumRowsPerLeaf">Fewest rows in a leaf, from 1.</param>
    public static HardnessTrainer FastTree(int trees = 120, int leaves = 8, double learningRate = 0.05, int minimumRowsPerLeaf = 20) =>
        BinnedFastTree(trees, leaves, learningRate, minimumRowsPerLeaf, Bins);

    /// <summary>The same with bins of one's own.</summary>
    internal static HardnessTrainer BinnedFastTree(int trees, int leaves, double learningRate, int minimumRowsPerLeaf, int bins)
    {
        return new($"FastTree ({Describe(trees, leaves, learningRate, minimumRowsPerLeaf)})",
            (context, seed) => context.BinaryClassification.Trainers.FastTree(FastTreeOptions(trees, leaves, learningRate, minimumRowsPerLeaf, bins, seed)));
    }

    /// <summary>LightGBM, by its native library.</summary>
    /// <param name="trees">Number of trees, from 1.</param>
    /// <param name="leaves">Leaves of a tree, from 2.</param>
    /// <param name="learningRate">Learning rate of the boosting, above 0.</param>
    /// <param name="minimumRowsPerLeaf">Fewest rows in a leaf, from 1.</param>
    public static HardnessTrainer LightGbm(int trees = 120, int leaves = 8, double learningRate = 0.05, int minimumRowsPerLeaf = 20)
    {
        return new($"LightGBM ({Describe(trees, leaves, learningRate, minimumRowsPerLeaf)})",
            (context, seed) => context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                NumberOfIterations = trees,
                NumberOfLeaves = leaves,
                LearningRate = learningRate,
                MinimumExampleCountPerLeaf = minimumRowsPerLeaf,
                NumberOfThreads = 1,
                Seed = seed,
                Deterministic = true,
                Silent = true,
            }));
    }

    /// <summary>A random forest of ML.NET, calibrated by Platt's method on its training rows.</summary>
    /// <param name="trees">Number of trees, from 1.</param>
    /// <param name="leaves">Leaves of a tree, from 2.</param>
    /// <param name="minimumRowsPerLeaf">Fewest rows in a leaf, from 1.</param>
    public static HardnessTrainer FastForest(int trees = 200, int leaves = 32, int minimumRowsPerLeaf = 10)
    {
        return new($"FastForest ({trees} trees of {leaves} leaves, from {minimumRowsPerLeaf} rows)",
            (context, seed) => context.BinaryClassification.Trainers.FastForest(new FastForestBinaryTrainer.Options
            {
                NumberOfTrees = trees,
                NumberOfLeaves = leaves,
                MinimumExampleCountPerLeaf = minimumRowsPerLeaf,
                NumberOfThreads = 1,
                Seed = seed,
                FeatureSelectionSeed = seed,
                FeatureFlocks = false,
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

    /// <summary>
    /// Trainers for <see cref="HardnessOptions.Candidates"/>: different settings of FastTree and LightGBM in turn, the default settings first.
    /// </summary>
    /// <param name="count">Number of trainers, from 1 to 162.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    public static IReadOnlyList<HardnessTrainer> RandomCandidates(int count, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (int Trees, int Leaves, double Rate, int Rows)[] settings =
        [
            .. from trees in (int[])[60, 120, 240]
                from leaves in (int[])[4, 8, 16]
                from rate in (double[])[0.025, 0.05, 0.1]
                from rows in (int[])[10, 20, 40]
                select (trees, leaves, rate, rows),
        ];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 2 * settings.Length);
        new SeededRandom(Seed.Derive(seed, "search")).Shuffle<(int Trees, int Leaves, double Rate, int Rows)>(settings);
        var ordered = settings.OrderByDescending(setting => setting is (120, 8, 0.05, 20)).ToArray();
        return
        [
            .. Enumerable.Range(0, count).Select(i => ordered[i / 2] is var (trees, leaves, rate, rows) && i % 2 == 0
                ? FastTree(trees, leaves, rate, rows)
                : LightGbm(trees, leaves, rate, rows)),
        ];
    }

    /// <summary>Settings of FastTree that give the same trees on any number of cores.</summary>
    internal static FastTreeBinaryTrainer.Options FastTreeOptions(
        int trees, int leaves, double learningRate, int minimumRowsPerLeaf, int bins, int seed) => new()
    {
        NumberOfTrees = trees,
        NumberOfLeaves = leaves,
        LearningRate = learningRate,
        MinimumExampleCountPerLeaf = minimumRowsPerLeaf,
        MaximumBinCountPerFeature = bins,
        NumberOfThreads = 1,
        Seed = seed,
        FeatureSelectionSeed = seed,
        FeatureFlocks = false,
    };

    private static string Describe(int trees, int leaves, double learningRate, int minimumRowsPerLeaf) =>
        Invariant($"{trees} trees of {leaves} leaves, rate {learningRate}, from {minimumRowsPerLeaf} rows");
}
