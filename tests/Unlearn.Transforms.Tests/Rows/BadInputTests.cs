using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

/// <summary>Bad input is refused before any work, and the message names what is wrong and its value.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Width = 6;

    private static readonly TorchRecipe Recipe =
        new(TorchArchitecture.Mlp(Width, TinyRows.Classes)) { Epochs = 1, BatchSize = 8, Device = TorchDevice.Cpu };

    private readonly TrainingRows _rows = TinyRows.Training(24, Width);

    public void Dispose() => _rows.Dispose();

    public static TheoryData<string> BadRecipes => [.. Bad.Keys];

    private static Dictionary<string, TorchRecipe> Bad { get; } = new()
    {
        ["Momentum must be from 0 to below 1, got 2"] = Recipe with { Momentum = 2 },
        ["Momentum must be from 0 to below 1, got 1"] = Recipe with { Momentum = 1 },
        ["Momentum must be from 0 to below 1, got -0.1"] = Recipe with { Momentum = -0.1 },
        ["Momentum must be from 0 to below 1, got NaN"] = Recipe with { Momentum = double.NaN },
        ["WeightDecay must be finite and at least 0, got -5"] = Recipe with { WeightDecay = -5 },
        ["WeightDecay must be finite and at least 0, got Infinity"] = Recipe with { WeightDecay = double.PositiveInfinity },
        ["WeightDecay must be finite and at least 0, got NaN"] = Recipe with { WeightDecay = double.NaN },
        ["Optimizer 7"] = Recipe with { Optimizer = (OptimizerKind)7 },
        ["Schedule -1"] = Recipe with { Schedule = (LearningRateSchedule)(-1) },
        ["LearningRate must be positive and finite, got NaN"] = Recipe with { LearningRate = double.NaN },
        ["Epochs must be at least 1, got 0"] = Recipe with { Epochs = 0 },
    };

    [Theory]
    [MemberData(nameof(BadRecipes))]
    public void A_recipe_out_of_range_trains_nothing(string message)
    {
        List<TrainingProgress> trained = [];
        var progress = new Progress<TrainingProgress>(trained.Add);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Bad[message].Train(_rows, All, 1, progress)).Message, StringComparison.Ordinal);
        Assert.Contains(message,
            Assert.Throws<ArgumentException>(() => Bad[message].TrainMany(_rows, [new() { Positions = All, Seed = 1 }])).Message, StringComparison.Ordinal);
        Assert.Empty(trained);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    [InlineData(int.MaxValue)]
    public void A_position_that_is_no_rows_is_named(int position)
    {
        var estimator = new EstimatorRecipe("sdca/1", context => context.MulticlassClassification.Trainers.SdcaMaximumEntropy());
        foreach (var recipe in new ITrainingRecipe[] { Recipe, estimator })
            Assert.Contains(
                Invariant($"Position {position} names no row: the 24 rows have the positions 0 to 23"),
                Assert.Throws<ArgumentException>(() => recipe.Train(_rows, new[] { 0, position }, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_factors_and_unknown_handlings_are_refused_when_the_estimator_is_made()
    {
        using var target = Recipe.Train(_rows, All, 1);
        var context = new MLContext(1);
        Assert.Contains("null", Assert.Throws<ArgumentException>(() => context.Transforms.UnlearnFactors(
            new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.Loss, null!] })).Message, StringComparison.Ordinal);
        Assert.Contains("Predicted", Assert.Throws<ArgumentOutOfRangeException>(() => context.Transforms.UnlearnFactors(
            new UnlearnFactorsEstimator.Options { Target = target, UnknownLabels = (UnknownLabelHandling)9 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Disposed_targets_and_rows_are_named()
    {
        var target = Recipe.Train(_rows, All, 1);
        target.Dispose();
        foreach (Action use in new Action[]
        {
            () => target.Logits(_rows.Features), () => target.Embed(_rows.Features), () => target.Clone(), () => target.CopyModule(),
            () => Recipe.Continue(target, _rows, All, 2),
            () => new MLContext(1).Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target }).Fit(_rows.ToDataView(new MLContext(1))),
        })
            Assert.Contains(nameof(TorchTarget), Assert.Throws<ObjectDisposedException>(use).ObjectName, StringComparison.Ordinal);

        var rows = TinyRows.Training(24, Width);
        rows.Dispose();
        foreach (Action use in new Action[] { () => _ = rows.Features, () => _ = rows.Labels, () => Recipe.Train(rows, All, 1) })
            Assert.Contains(nameof(TrainingRows), Assert.Throws<ObjectDisposedException>(use).ObjectName, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_seed_the_same_rows_give_the_same_factors()
    {
        using var target = Recipe.Train(_rows, All, 1);
        Assert.Equal(Influence(null), Influence(null));
        Assert.Equal(Influence(3), Influence(3));
        Assert.NotEqual(Influence(3), Influence(4));

        float[] Influence(int? seed)
        {
            var context = new MLContext(seed);
            var view = _rows.ToDataView(context);
            return [.. context.Transforms
                .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.SelfInfluence] })
                .Fit(view)
                .Transform(view)
                .GetColumn<float>("SelfInfluence")];
        }
    }

    [Fact]
    public void A_getter_that_is_called_where_there_is_no_row_fails_as_those_of_MLNet_do()
    {
        using var target = Recipe.Train(_rows, All, 1);
        var context = new MLContext(1);
        var view = _rows.ToDataView(context);
        var output = context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.Loss] }).Fit(view).Transform(view);
        using var cursor = output.GetRowCursor(output.Schema);
        var (loss, id) = (cursor.GetGetter<float>(output.Schema["Loss"]), cursor.GetIdGetter());
        var text = cursor.GetGetter<ReadOnlyMemory<char>>(output.Schema["RowId"]);
        Check();
        while (cursor.MoveNext())
        {
        }
        Check();

        void Check()
        {
            const string Words = "Values cannot be fetched at this time. This method was called either before the first call to MoveNext, "
                + "or at any point after that method returned false.";
            Assert.Equal(Words, Assert.Throws<InvalidOperationException>(() => Get(loss)).Message);
            Assert.Equal(Words, Assert.Throws<InvalidOperationException>(() => Get(text)).Message);
            Assert.Equal(Words, Assert.Throws<InvalidOperationException>(() => Get(id)).Message);
        }

        static void Get<T>(ValueGetter<T> getter)
            where T : struct
        {
            var value = default(T);
            getter(ref value);
        }
    }

    [Fact]
    public void A_feature_column_of_another_width_names_the_remedy()
    {
        using var target = Recipe.Train(_rows, All, 1);
        using var wider = TinyRows.Training(24, Width + 1);
        var context = new MLContext(1);
        var failure = Assert.Throws<ArgumentOutOfRangeException>(
            () => context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target }).Fit(wider.ToDataView(context)));
        Assert.Contains("one-hot", failure.Message, StringComparison.Ordinal);
        Assert.Contains("on all rows once", failure.Message, StringComparison.Ordinal);
    }

    private int[] All => [.. Enumerable.Range(0, _rows.Count)];
}
