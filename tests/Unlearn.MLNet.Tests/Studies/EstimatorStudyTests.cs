using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

/// <summary>Exact unlearning, SISA and whole studies of models that ML.NET's own trainers make.</summary>
public sealed class EstimatorStudyTests
{
    private static readonly EstimatorRecipe Sdca = new("sdca/1", context => context.MulticlassClassification.Trainers
        .SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1, MaximumNumberOfIterations = 10 }));
    private static readonly EstimatorRecipe Lbfgs = new("lbfgs/1",
        context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1 }));
    private static readonly EstimatorRecipe Trees = new("fast-tree/1", context => context.MulticlassClassification.Trainers.OneVersusAll(
        context.BinaryClassification.Trainers
            .FastTree(new FastTreeBinaryTrainer.Options { NumberOfThreads = 1, NumberOfTrees = 5, NumberOfLeaves = 4, MinimumExampleCountPerLeaf = 5 })));

    public static TheoryData<string> Names => ["sdca/1", "lbfgs/1", "fast-tree/1"];

    private static EstimatorRecipe Recipe(string name) => new[] { Sdca, Lbfgs, Trees }.Single(recipe => recipe.Name == name);

    private static float[] Logits(ITarget target, TrainingRows rows)
    {
        using var logits = target.Logits(rows.Features);
        return logits.data<float>().ToArray();
    }

    private static UnlearningRequest Request(ITrainingRecipe recipe, ITarget target, TrainingRows rows, params int[] forget) =>
        new(target, recipe, rows, forget, seed: 11);

    private static int[] All(TrainingRows rows) => [.. Enumerable.Range(0, rows.Count)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Exact_retraining_gives_the_model_of_the_retained_rows(string name)
    {
        using var rows = TinyStudy.Rows(90);
        using var target = Recipe(name).Train(rows, All(rows), seed: 3);
        var request = Request(Recipe(name), target, rows, 0, 7, 8, 30);
        using var unlearned = new ExactRetraining().Unlearn(request, CancellationToken.None);
        using var expected = Recipe(name).Train(rows, All(rows).Except([0, 7, 8, 30]).ToArray(), seed: 11);
        Assert.Equal(Logits(expected, rows), Logits(unlearned.Model, rows));
        Assert.NotEqual(Logits(target, rows), Logits(unlearned.Model, rows));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sisa_retrains_the_shards_of_forgotten_rows_and_no_other(string name)
    {
        using var rows = TinyStudy.Rows(90);
        using var target = Recipe(name).Train(rows, All(rows), seed: 3);
        var request = Request(Recipe(name), target, rows, 5);
        using (var unlearned = new Sisa { Shards = 2, Slices = 3 }.Unlearn(request, CancellationToken.None))
        {
            var before = ((EnsembleTarget)unlearned.Original!).Members.Select(member => Logits(member, rows));
            var after = ((EnsembleTarget)unlearned.Model).Members.Select(member => Logits(member, rows));
            Assert.Single(before.Zip(after), pair => !pair.First.SequenceEqual(pair.Second));
        }
        using var single = new Sisa { Shards = 1, Slices = 1 }.Unlearn(request, CancellationToken.None);
        using var retrained = new ExactRetraining().Unlearn(request, CancellationToken.None);
        foreach (var (expected, actual) in Probabilities(retrained.Model, rows).Zip(Probabilities(single.Model, rows)))
            Assert.Equal(expected, actual, 1e-5f);

        static float[] Probabilities(ITarget model, TrainingRows rows)
        {
            using var scope = torch.NewDisposeScope();
            return model.Logits(rows.Features).softmax(1).data<float>().ToArray();
        }
    }

    [Fact]
    public void Unlearners_that_change_parameters_say_what_to_use_instead()
    {
        using var rows = TinyStudy.Rows(60);
        using var target = Trees.Train(rows, All(rows), seed: 3);
        var refusal = Assert.Throws<ArgumentException>(() => new FineTuning().Unlearn(Request(Trees, target, rows, 1), CancellationToken.None));
        Assert.Contains("TreeEnsembleTarget trained by a EstimatorRecipe: use EU or SISA", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sdca/1")]
    [InlineData("fast-tree/1")]
    public async Task A_study_runs_on_any_estimator_and_the_number_of_workers_changes_nothing(string name)
    {
        using var rows = TinyStudy.Rows(120);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        List<StudyResult> studies = [];
        foreach (var workers in new[] { 1, 2 })
        {
            using TemporaryFolder folder = new();
            var options = TinyStudy.Options(folder.Path, workers) with { Recipe = Recipe(name), Unlearners =
            [
                new() { Unlearner = new ExactRetraining(), Trials = 8, ForgetShare = 0.5 },
                new() { Unlearner = new Sisa { Shards = 2 }, Trials = 8, ForgetShare = 0.3 },
            ] };
            studies.Add(await new HardnessStudy(options).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken));
            StudyFiles.Write(folder.Path, studies[^1]);
            var report = await File.ReadAllTextAsync(Path.Combine(folder.Path, StudyFiles.Report), TestContext.Current.CancellationToken);
            Assert.Contains($"Target: ml.net/1 {name}{(name == Trees.Name ? ". Root" : "; 27 parameters. Root")}", report, StringComparison.Ordinal);
        }
        var study = studies[0];
        Assert.Equal(name == Trees.Name ? 12 : HardnessFactors.Default.Count, study.Factors.Count);
        Assert.InRange(study.Target.TrainAccuracy, 0.5, 1);
        Assert.Equal(["EU", "SISA"], study.Unlearners.Select(unlearner => unlearner.Name));
        Assert.All(study.Unlearners, unlearner => Assert.True(unlearner.Scores.Max() - unlearner.Scores.Min() > 0.01));
        foreach (var (one, two) in study.Unlearners.Zip(studies[1].Unlearners))
            Assert.Equal(one.Scores, two.Scores);
        foreach (var (one, two) in study.Factors.Zip(studies[1].Factors))
            Assert.Equal(one.Values, two.Values);
    }

    [Fact]
    public async Task A_factor_that_the_target_cannot_give_is_an_error_before_any_trial()
    {
        using TemporaryFolder folder = new();
        using var rows = TinyStudy.Rows(60);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        List<StudyProgress> reports = [];
        var options = TinyStudy.Options(folder.Path, 1) with
        {
            Recipe = Trees,
            Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 4, ForgetShare = 0.5 }],
            Factors = [HardnessFactors.Loss, HardnessFactors.SelfInfluence],
        };
        var refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => new HardnessStudy(options).RunAsync(rows, testRows, new ProgressRecorder<StudyProgress>(reports)));
        Assert.Contains("'SelfInfluence' needs ParameterGradients", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("LeafInfluence takes the place of SelfInfluence", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(reports, report => report.Stage == StudyStage.Trials);
    }
}
