using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Unlearn.Transforms;

namespace Unlearn.Cli.Models;

/// <summary>Boosted trees: only what retrains them can unlearn, and they give the factors that trees have.</summary>
internal abstract class TreeModel : NamedModel
{
    private protected const int Trees = 100;
    private protected const int Leaves = 15;
    private protected const double LearningRate = 0.1;

    public override string Unlearners => "EU,SISA";

    public override bool TrainsElsewhere => false;

    public override IReadOnlyList<IHardnessFactor>? Factors(ModelInput input) => null;

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings)
    {
        if (settings is { Hidden: not null } or { BatchSize: not null } or { Width: not null })
            throw new ArgumentException(
                $"{Name} has no layers and batches: leave out --hidden, --batch-size and --width. --epochs is the number of its trees.");
        var (trees, rate) = (settings.Epochs ?? Trees, settings.LearningRate ?? LearningRate);
        return new EstimatorRecipe(Invariant($"{Name}/1 trees={trees} leaves={Leaves} rate={rate}"), context => Trainer(context, input.Classes, trees, rate));
    }

    private protected abstract IEstimator<ITransformer> Trainer(MLContext context, int classes, int trees, double rate);
}

/// <summary>LightGBM.</summary>
internal sealed class LightGbmModel : TreeModel
{
    public override string Name => "lightgbm";

    public override string Description => "boosted trees of LightGBM";

    private protected override IEstimator<ITransformer> Trainer(MLContext context, int classes, int trees, double rate) => classes == 2
        ? context.BinaryClassification.Trainers
            .LightGbm(new LightGbmBinaryTrainer.Options { NumberOfIterations = trees, NumberOfLeaves = Leaves, LearningRate = rate, NumberOfThreads = 1 })
        : context.MulticlassClassification.Trainers
            .LightGbm(new LightGbmMulticlassTrainer.Options { NumberOfIterations = trees, NumberOfLeaves = Leaves, LearningRate = rate, NumberOfThreads = 1 });
}

/// <summary>FastTree.</summary>
internal sealed class FastTreeModel : TreeModel
{
    public override string Name => "fasttree";

    public override string Description => "boosted trees of FastTree, two classes";

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings) => input.Classes == 2
        ? base.Recipe(input, settings)
        : throw new ArgumentException($"fasttree takes 2 classes, and the label has {input.Classes}: take --model lightgbm.");

    private protected override IEstimator<ITransformer> Trainer(MLContext context, int classes, int trees, double rate) =>
        context.BinaryClassification.Trainers
            .FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = trees, NumberOfLeaves = Leaves, LearningRate = rate, NumberOfThreads = 1 });
}
