using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

/// <summary>Unlearners that nobody names follow the recipe, and impossible pairs are refused before anything is trained.</summary>
public sealed class LabelingDefaultsTests
{
    private static readonly EstimatorRecipe Trees = new("fast-tree/1", context => context.MulticlassClassification.Trainers.OneVersusAll(
        context.BinaryClassification.Trainers
            .FastTree(new FastTreeBinaryTrainer.Options { NumberOfThreads = 1, NumberOfTrees = 3, NumberOfLeaves = 3, MinimumExampleCountPerLeaf = 5 })));

    private static readonly EstimatorRecipe Never = new("never/1", _ => throw new NotSupportedException("something was trained"));

    [Fact]
    public async Task TreesAreLabeledByWhatCanUnlearnThem()
    {
        var context = new MLContext(1);
        Assert.Equal(["EU", "FT"], Names(TinyStudy.Recipe));
        Assert.Equal(["EU", "SISA"], Names(Trees));
        var labels = await context.Data.LabelUnlearningHardnessAsync(TinyStudy.View(context, 60),
            new HardnessLabelingOptions { Recipe = Trees, CeilingGoal = 0.51, SingleRowTime = TimeSpan.Zero },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(60, labels.GetColumn<float>("SISA.Score").Count(float.IsFinite));

        static IEnumerable<string> Names(ITrainingRecipe recipe) =>
            new HardnessLabelingOptions { Recipe = recipe }.Unlearners.Select(unlearner => unlearner.Name);
    }

    public static TheoryData<string> Changing => [.. OwnUnlearners.All.Where(unlearner => !unlearner.IsExact).Select(unlearner => unlearner.Name)];

    [Theory]
    [MemberData(nameof(Changing))]
    public async Task AnUnlearnerThatChangesAModuleIsRefusedForOtherRecipes(string name)
    {
        var context = new MLContext(1);
        var options = new HardnessLabelingOptions { Recipe = Never, Unlearners = [new ExactRetraining(), KnownUnlearners.Find(name)] };
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => context.Data.LabelUnlearningHardnessAsync(
            TinyStudy.View(context, 60), options, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains($"Unlearner {name} changes a Torch module's parameters", failure.Message, StringComparison.Ordinal);
        Assert.Contains("EstimatorRecipe: use EU or SISA", failure.Message, StringComparison.Ordinal);
        Assert.Null(KnownUnlearners.Find(name).Refusal(TinyStudy.Recipe));
    }
}
