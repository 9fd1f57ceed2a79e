using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

/// <summary>Factors and labels as ML.NET's own trainers, cross-validation, importance and calibrators take them.</summary>
public sealed class HardnessTrainerShapeTests
{
    private static readonly PlantedMemory Planted = new(600, 1, copies: 3);

    [Fact]
    public void The_snippet_on_the_page_is_the_code_below() =>
        Snippets.AssertIsIn("hardness-model.md", "HardnessTrainerShapeTests.cs", "hardness-trainer");

    [Fact]
    public async Task The_snippet_runs_on_factors_and_labels_of_a_target()
    {
        using var folder = new TemporaryFolder();
        var modelPath = folder.File("hardness.zip");
        var mlContext = new MLContext(seed: 1);
        var rows = TinyStudy.View(mlContext, 200);
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(
            rows, TinyStudy.LabelingOptions, cancellationToken: TestContext.Current.CancellationToken);
        using var trainingRows = TrainingRows.FromDataView(rows);
        using var target = TinyStudy.Recipe.Train(trainingRows, Enumerable.Range(0, trainingRows.Count).ToArray(), seed: 1);

        // <hardness-trainer>
        var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(rows);
        var hardnessRows = mlContext.Data.UnlearningHardnessRows(factors.Transform(rows), labels);
        var trainer = mlContext.BinaryClassification.Trainers.UnlearningHardness();

        var folds = mlContext.BinaryClassification.CrossValidate(
            hardnessRows, trainer, numberOfFolds: 3, labelColumnName: "Hard", samplingKeyColumnName: "Group");
        Console.WriteLine($"AUC of each fold: {string.Join(", ", folds.Select(fold => fold.Metrics.AreaUnderRocCurve))}");

        var split = mlContext.Data.TrainTestSplit(hardnessRows, testFraction: 0.3, samplingKeyColumnName: "Group");
        var model = trainer.Fit(split.TrainSet);
        var scored = model.Transform(split.TestSet);
        var metrics = mlContext.BinaryClassification.Evaluate(scored, labelColumnName: "Hard");
        var importance = mlContext.BinaryClassification.PermutationFeatureImportanceNonCalibrated(model, split.TestSet, labelColumnName: "Hard");
        var mostImportant = importance.MinBy(factor => factor.Value.AreaUnderRocCurve.Mean).Key;
        var calibrated = mlContext.BinaryClassification.Calibrators.Isotonic(labelColumnName: "Hard").Fit(scored);
        Console.WriteLine($"AUC {metrics.AreaUnderRocCurve} on rows that were left out; {mostImportant} matters most");

        mlContext.Model.Save(factors.Append(model).Append(calibrated), rows.Schema, modelPath);
        // </hardness-trainer>

        Assert.Equal(3, folds.Count);
        var names = factors.GetOutputSchema(rows.Schema)["UnlearnFactors"];
        var slots = default(VBuffer<ReadOnlyMemory<char>>);
        names.GetSlotNames(ref slots);
        Assert.Equal(slots.DenseValues().Select(name => $"{name}").Order(StringComparer.Ordinal), importance.Keys.Order(StringComparer.Ordinal));
        var loaded = mlContext.Model.Load(modelPath, out _);
        var probabilities = loaded.Transform(rows).GetColumn<float>("Probability").ToArray();
        Assert.Equal(calibrated.Transform(model.Transform(factors.Transform(rows))).GetColumn<float>("Probability"), probabilities);
        Assert.All(probabilities, probability => Assert.InRange(probability, 0, 1));
    }

    [Fact]
    public void Near_duplicates_share_a_fold()
    {
        var context = new MLContext(seed: 1);
        var rows = context.Data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels());
        var groups = rows.GetColumn<int>("Group").ToArray();
        Assert.Equal(200, groups.Distinct().Count());
        var folds = context.Data.CrossValidationSplit(rows, numberOfFolds: 5, samplingKeyColumnName: "Group");
        var tested = folds.Select(fold => fold.TestSet.GetColumn<int>("Group").ToHashSet()).ToArray();
        Assert.All(folds, fold => Assert.Empty(fold.TrainSet.GetColumn<int>("Group").Intersect(fold.TestSet.GetColumn<int>("Group"))));
        Assert.Equal(200, tested.Sum(fold => fold.Count));
        Assert.All(tested, fold => Assert.InRange(fold.Count, 20, 60));
    }

    [Fact]
    public void Grouped_folds_learn_nothing_from_labels_that_only_copies_share()
    {
        // Labels by lot, the same for the three copies of a row.
        var random = new SeededRandom(5);
        bool[] lots = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble() < 0.3)];
        var context = new MLContext(seed: 1);
        var rows = context.Data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels(hard: row => lots[row / 3]));
        Assert.InRange(Auc("Group"), 0.35, 0.62);
        Assert.InRange(Auc(null), 0.7, 1);

        double Auc(string? key) => context.BinaryClassification.CrossValidate(rows, context.BinaryClassification.Trainers.UnlearningHardness(
                minimumExampleCountPerLeaf: 2, numberOfLeaves: 32), numberOfFolds: 5, labelColumnName: "Hard", samplingKeyColumnName: key)
            .Average(fold => fold.Metrics.AreaUnderRocCurve);
    }

    [Fact]
    public void The_trainer_is_the_one_of_hardness_models_and_finds_the_factor_that_drives_hardness()
    {
        var context = new MLContext(seed: 1);
        var rows = context.Data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels());
        var trainer = context.BinaryClassification.Trainers.UnlearningHardness(seed: 7);
        var model = trainer.Fit(rows);
        var renamed = context.Transforms.CopyColumns("Label", "Hard").Append(context.Transforms.CopyColumns("Features", "UnlearnFactors"))
            .Fit(rows).Transform(rows);
        var expected = HardnessTrainer.FastTree().Fit(new MLContext(1), renamed, seed: 7).Transform(renamed).GetColumn<float>("Probability");
        Assert.Equal(expected, model.Transform(rows).GetColumn<float>("Probability"));

        var importance = context.BinaryClassification.PermutationFeatureImportance(model, rows, labelColumnName: "Hard", permutationCount: 3);
        Assert.Equal(0, importance.Index().MinBy(factor => factor.Item.AreaUnderRocCurve.Mean).Index);
    }

    [Fact]
    public void Labels_follow_their_ids_and_other_rows_are_passed_over()
    {
        var context = new MLContext(seed: 1);
        var labels = context.Data.TakeRows(Planted.Labels(), 90);
        int[] order = [.. Enumerable.Range(0, 600).Reverse()];
        var rows = context.Data.UnlearningHardnessRows(Planted.Rows(order), labels, labelColumnName: "Hard");
        var hard = labels.GetColumn<int>("RowId").Zip(labels.GetColumn<bool>("Hard")).ToDictionary(row => $"{row.First}", row => row.Second);
        var ids = rows.GetColumn<string>("RowId").ToArray();
        Assert.Equal(hard.Keys.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Select(id => hard[id]), rows.GetColumn<bool>("Hard"));
        Assert.Equal(ids.Select(id => Planted.AllFactors[int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)]),
            rows.GetColumn<float[]>("UnlearnFactors"));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        var context = new MLContext(1);
        var data = context.Data;
        Assert.Contains("'NONE'", Refused<ArgumentOutOfRangeException>(() => data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels(), "NONE")),
            StringComparison.Ordinal);
        Assert.Contains("append UnlearnFactors", Refused<ArgumentOutOfRangeException>(
            () => data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels(), factorColumnName: "Nowhere")), StringComparison.Ordinal);
        Assert.Contains("nothing to learn", Refused<InvalidOperationException>(
            () => data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels(hard: _ => false))), StringComparison.Ordinal);
        Assert.Contains("None of the 600 labeled rows", Refused<InvalidOperationException>(
            () => data.UnlearningHardnessRows(Planted.Rows(), Planted.Labels(ids: [.. Enumerable.Range(1000, 600)]))), StringComparison.Ordinal);

        static string Refused<T>(Func<IDataView> make)
            where T : Exception => Assert.Throws<T>(make).Message;
    }
}
