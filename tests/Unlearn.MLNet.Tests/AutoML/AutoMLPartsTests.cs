using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.AutoML;
using Unlearn.MLNet.Hardness.Search;
using Unlearn.MLNet.Tests.Hardness;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.AutoML;

/// <summary>What the AutoML adapter does without AutoML, which is not there to be run.</summary>
public sealed class AutoMLPartsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Our_folds_as_a_sampling_key_are_the_folds_of_cross_validation(int folds)
    {
        var rows = new SearchRows(PlantedHardness.Factors(), PlantedHardness.Labels(1), PlantedHardness.Groups, folds, seed: 1);
        var mlContext = new MLContext(seed: 7);
        var view = rows.ToDataView();
        Assert.Equal(["Label", "Features", "Fold"], view.Schema.Select(column => column.Name));
        var splits = mlContext.Data.CrossValidationSplit(view, folds, SearchRows.FoldColumn);
        for (var fold = 0; fold < folds; fold++)
        {
            Assert.Equal(rows.Folds.HeldOut(fold).Length, splits[fold].TestSet.GetColumn<float>("Fold").Count());
            Assert.All(splits[fold].TestSet.GetColumn<float>("Fold"), value => Assert.Equal(fold, value));
            Assert.DoesNotContain(fold, splits[fold].TrainSet.GetColumn<float>("Fold"));
            Assert.Equal(rows.Folds.HeldOut(fold).Select(row => PlantedHardness.Labels(1)[row]), splits[fold].TestSet.GetColumn<bool>("Label"));
        }
    }

    [Fact]
    public void A_fold_of_one_class_is_refused_since_it_has_no_AUC()
    {
        bool[] hard = [true, true, false, false, false, false, false, false];
        FactorColumn[] factors = [new() { Name = "A", Tier = FactorTier.T0, Values = new float[8] }];
        var rows = new SearchRows(factors, hard, [0, 1, 2, 3, 4, 5, 6, 7], folds: 4, seed: 1);
        Assert.Contains("so it has no AUC", Assert.Throws<ArgumentException>(rows.DemandBothLabelsInFolds).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_is_made_from_the_trials_context_which_stops_it()
    {
        using var rows = TinyStudy.Rows(60);
        using var target = TinyStudy.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        var step = new FactorStep(new() { Target = target }, null);
        Assert.Equal(["core", "default"], step.Names);

        var trial = new MLContext(seed: 1);
        var data = TinyStudy.View(trial, 60);
        Assert.Equal(HardnessFactors.Core.Select(factor => factor.Name), step.Create(trial, "core").Fit(data).FactorNames);
        Transforms.Interop.MLNetInternals.Cancel(trial);
        Assert.Throws<OperationCanceledException>(() => step.Create(trial, "core").Fit(data));
        step.Create(new MLContext(seed: 1), "core").Fit(data).Dispose(); // another trial goes on
    }

    [Fact]
    public void What_no_trial_could_compute_is_refused_before_the_first_one()
    {
        using var rows = TinyStudy.Rows(60);
        using var target = TinyStudy.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        Refused(new(), null, "Must be set: the trained target");
        Refused(new() { Target = target }, [], "no set of factors");
        Refused(new() { Target = target, Factors = HardnessFactors.Core }, new() { ["a"] = HardnessFactors.Core }, "give one of the two");
        Refused(new() { Target = target }, new() { ["leaves"] = [HardnessFactors.LeafInfluence] }, "LeafInfluence");
        Assert.Equal(["given"], new FactorStep(new() { Target = target, Factors = [HardnessFactors.Loss] }, null).Names);
    }

    private static void Refused(UnlearnFactorsEstimator.Options options, Dictionary<string, IReadOnlyList<IHardnessFactor>>? sets, string reason) =>
        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(() => new FactorStep(options, sets)).Message, StringComparison.Ordinal);
}
