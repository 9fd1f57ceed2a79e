using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Trainers;

public sealed class HardnessTrainersTests
{
    public static TheoryData<string> Names => [.. Trainers.Select(trainer => trainer.Name)];

    private static HardnessTrainer[] Trainers { get; } =
    [
        HardnessTrainer.FastTree(trees: 30, minimumRowsPerLeaf: 5),
        HardnessTrainer.LightGbm(trees: 30, minimumRowsPerLeaf: 5),
        HardnessTrainer.FastForest(trees: 30, leaves: 16, minimumRowsPerLeaf: 5),
        HardnessTrainer.LogisticRegression(),
        new("averaged perceptron",
            context => context.Transforms.NormalizeMeanVariance("Features").Append(context.BinaryClassification.Trainers.AveragedPerceptron())),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_trainer_finds_the_signal_and_gives_the_same_probabilities_again(string name)
    {
        var (one, two) = (Evaluate(name, workers: 1), Evaluate(name, workers: 2));
        Assert.InRange(one.Auc.Value, 0.9, 1);
        Assert.All(one.Predictions, probability => Assert.InRange(probability, 0, 1));
        Assert.Equal([name, name, name], one.Trainers);
        Assert.Equal(one.Predictions, two.Predictions);
    }

    // FastTree takes many times as long elsewhere.
    [Fact]
    public void It_trains_on_a_thread_of_the_pool_whoever_calls()
    {
        var isOfPool = false;
        var trainer = new HardnessTrainer("watched", context =>
        {
            isOfPool = Thread.CurrentThread.IsThreadPoolThread;
            return context.BinaryClassification.Trainers.FastTree(numberOfTrees: 2);
        });
        var context = new MLContext(1);
        var rows = context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(row => new Row { Label = row % 3 == 0, Features = [row % 3, row] }));
        var caller = new Thread(() => trainer.Fit(context, rows, seed: 1));
        caller.Start();
        caller.Join();
        Assert.True(isOfPool);
    }

    private sealed class Row
    {
        public bool Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    [Fact]
    public void A_trainer_that_does_not_classify_is_refused()
    {
        var trainer = new HardnessTrainer("none", context => context.Transforms.CopyColumns("Copy", "Features"));
        var options = PlantedHardness.Options with { Trainer = trainer };
        var refusal = Assert.Throws<InvalidOperationException>(
            () => HardnessEvaluator.Evaluate(PlantedHardness.Factors(), PlantedHardness.Scores("X", 10), PlantedHardness.Groups, options, 1));
        Assert.Contains("The trainer none yields no column Score", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_prefers_the_trainer_that_can_learn()
    {
        var blind = new HardnessTrainer("blind", context => context.Transforms.CustomMapping<Seen, Blind>((_, to) => to.Nothing = 0, null)
            .Append(context.Transforms.Concatenate("Features", nameof(Blind.Nothing)))
            .Append(context.BinaryClassification.Trainers.FastTree(numberOfTrees: 2)));
        var able = HardnessTrainer.FastTree(trees: 20, minimumRowsPerLeaf: 5);
        var options = PlantedHardness.Options with { Candidates = [blind, able], Subsets = false, Permutations = 0 };
        var evaluation = HardnessEvaluator.Evaluate(PlantedHardness.Factors(), PlantedHardness.Scores("X", 10), PlantedHardness.Groups, options, 1);
        Assert.All(evaluation.Trainers, name => Assert.Equal(able.Name, name));
    }

    [Fact]
    public void A_random_search_starts_at_the_defaults_and_is_seeded()
    {
        var names = HardnessTrainer.RandomCandidates(8, seed: 1).Select(candidate => candidate.Name).ToArray();
        Assert.Equal([HardnessTrainer.FastTree().Name, HardnessTrainer.LightGbm().Name], names[..2]);
        Assert.Equal(8, names.Distinct().Count());
        Assert.Equal(names, HardnessTrainer.RandomCandidates(8, seed: 1).Select(candidate => candidate.Name));
        Assert.NotEqual(names, HardnessTrainer.RandomCandidates(8, seed: 2).Select(candidate => candidate.Name));
        Assert.Throws<ArgumentOutOfRangeException>(() => HardnessTrainer.RandomCandidates(163, seed: 1));
    }

    private static HardnessEvaluation Evaluate(string name, int workers) => HardnessEvaluator.Evaluate(
        PlantedHardness.Factors(), PlantedHardness.Scores("X", 10), PlantedHardness.Groups,
        PlantedHardness.Options with { Trainer = Trainers.Single(trainer => trainer.Name == name), Workers = workers, Subsets = false, Permutations = 0 },
        seed: 1);

    private sealed class Seen
    {
        public bool Label { get; set; }
    }

    private sealed class Blind
    {
        public float Nothing { get; set; }
    }
}
