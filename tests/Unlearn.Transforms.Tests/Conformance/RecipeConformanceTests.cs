using Microsoft.ML;
using Unlearn.Conformance;
using Xunit;

namespace Unlearn.Transforms.Tests.Conformance;

/// <summary>Every kind of recipe obeys every rule; and the rules can be broken.</summary>
public sealed class RecipeConformanceTests
{
    private const int Width = 6;
    private static readonly TorchRecipe Torch = new(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5)) { Epochs = 2, BatchSize = 16, Device = TorchDevice.Cpu };

    [Fact]
    public void A_recipe_of_Torch_obeys_every_rule() => Assert.Empty(Failures(() => Torch with { }, [
        Torch with { Epochs = 3 }, Torch with { BatchSize = 8 }, Torch with { LearningRate = 0.011 }, Torch with { Momentum = 0.8 },
        Torch with { WeightDecay = 0.02 }, Torch with { Schedule = LearningRateSchedule.Constant },
        Torch with { Architecture = TorchArchitecture.Mlp(Width, TinyRows.Classes, 4) },
    ]));

    [Fact]
    public void A_recipe_of_an_estimator_obeys_every_rule() =>
        Assert.Empty(Failures(() => new EstimatorRecipe("naive-bayes", context => context.MulticlassClassification.Trainers.NaiveBayes()),
            [new EstimatorRecipe("lbfgs", context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy())]));

    [Fact]
    public void A_recipe_that_trains_on_all_rows_and_ignores_everything_is_found_out()
    {
        var broken = Failures(() => new Careless(), [new Careless()]).Select(failure => failure.Rule).ToList();
        Assert.Contains("Rows at no position have no influence", broken);
        Assert.Contains("Its specification tells recipes apart", broken);
        Assert.Contains("No positions are refused", broken);
        Assert.Contains("It can be canceled", broken);
    }

    [Fact]
    public void A_recipe_that_draws_by_the_clock_is_found_out()
    {
        var draws = 0;
        Assert.Contains("The same seed gives the same model, bit for bit", Failures(() => new Careless(() => draws++), []).Select(failure => failure.Rule));
    }

    private static List<(string Rule, string Found)> Failures(Func<ITrainingRecipe> create, IReadOnlyList<ITrainingRecipe> variants)
    {
        using var rows = TinyRows.Training(30, Width);
        List<(string, string)> failures = [];
        foreach (var check in RecipeConformance.Checks(new() { CreateRecipe = create, Variants = variants, Rows = rows }))
        {
            try
            {
                check.Run();
            }
            catch (ConformanceException failure)
            {
                failures.Add((check.Rule, failure.Message));
            }
        }
        return failures;
    }

    private sealed class Careless(Func<int>? draw = null) : ITrainingRecipe
    {
        public string Specification => "careless";

        public ITarget Train(
            TrainingRows rows,
            ReadOnlyMemory<int> positions,
            long seed,
            IProgress<TrainingProgress>? progress = null,
            CancellationToken cancellationToken = default) =>
            Torch.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed + (draw?.Invoke() ?? 0), progress, CancellationToken.None);
    }
}
