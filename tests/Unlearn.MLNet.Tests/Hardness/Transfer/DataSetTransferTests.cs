using Unlearn.MLNet.Studies;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Transfer;

public sealed class DataSetTransferTests
{
    private static TransferMatrix Evaluate(params TransferDataSet[] sets) => DataSetTransfer.Evaluate(sets, PlantedHardness.Options, seed: 1);

    private static TransferDataSet Set(string name, int seed, float scale = 1) =>
        new() { Name = name, Factors = PlantedHardness.Factors(seed, scale), Labels = PlantedHardness.Labels(seed), Groups = PlantedHardness.Groups };

    [Fact]
    public void Hardness_transfers_between_sets_whose_factors_have_other_scales()
    {
        var matrix = Evaluate(Set("small", 1), Set("large", 2, scale: 1000));
        Assert.Equal(["small", "large"], matrix.Names);
        Assert.All(matrix.Auc.SelectMany(line => line), auc => Assert.InRange(auc.Value, 0.88, 1));
        Assert.Equivalent(matrix, Evaluate(Set("small", 1), Set("large", 2)), strict: true);
    }

    [Fact]
    public void A_set_with_the_opposite_rule_is_predicted_wrongly_but_itself_rightly()
    {
        var set = Set("opposite", 2);
        var matrix = Evaluate(
            Set("usual", 1), set with { Factors = [.. set.Factors.Select(factor => factor with { Values = [.. factor.Values.Select(value => -value)] })] });
        Assert.InRange(matrix.Auc[0][1].Value, 0, 0.45);
        Assert.InRange(matrix.Auc[1][1].Value, 0.88, 1);
    }

    [Fact]
    public void Only_common_factors_are_used_and_there_must_be_some()
    {
        var (a, b) = (Set("a", 1), Set("b", 2));
        var matrix = Evaluate(a with { Factors = a.Factors.Take(3).ToArray() }, b with { Factors = b.Factors.Skip(2).ToArray() });
        Assert.InRange(matrix.Auc[0][1].Value, 0.55, 0.9);
        var refusal = Assert.Throws<ArgumentException>(
            () => Evaluate(a with { Factors = a.Factors.Take(1).ToArray() }, b with { Factors = b.Factors.Skip(1).ToArray() }));
        Assert.Contains("The data sets a, b have no factor in common.", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Evaluate(a));
        Assert.Throws<ArgumentException>(() => Evaluate(a, b with { Labels = [true] }));
    }

    [Fact]
    public void A_row_is_never_predicted_by_a_model_that_knows_its_label_in_another_set()
    {
        // Labels that are pure chance, but the same with both targets: whoever has seen a row knows its label.
        var random = new SeededRandom(5);
        bool[] drawn = [.. PlantedHardness.Groups.Select(_ => random.NextDouble() < 0.3)], labels = [.. PlantedHardness.Groups.Select(group => drawn[group])];
        string[] ids = [.. labels.Select((_, row) => Invariant($"row {row}"))];
        var first = Set("first target", 1) with { Labels = labels };
        var second = first with { Name = "second target" };
        var memorizing = PlantedHardness.Options with { Trainer = HardnessTrainer.FastTree(30, 100, 0.5, 1) };
        var apart = DataSetTransfer.Evaluate([first, second], memorizing, seed: 1);
        Assert.InRange(apart.Auc[0][1].Value, 0.95, 1);
        TransferDataSet[] sets = [first with { RowIds = ids }, second with { RowIds = ids }];
        var same = DataSetTransfer.Evaluate(sets, memorizing, seed: 1);
        Assert.InRange(same.Auc[0][1].Value, 0.35, 0.65);
        Assert.Equal(same.Auc[0][0].Value, same.Auc[0][1].Value, 1e-9);

        // Ids that are equal by accident, as in another data set with other classes, are no rows in common.
        int[] classes = [.. labels.Select((_, row) => row % 2)], others = [.. classes.Select(label => 1 - label)];
        Assert.Null((sets[0] with { Classes = classes }).PlacesIn(sets[1] with { Classes = others }));
        Assert.Equal([1, -1, 0], Of("b", "c", "a").PlacesIn(Of("a", "b"))!);
        var twice = sets[1] with { RowIds = [.. ids.Select((_, row) => Invariant($"{row % 2}"))] };
        var refusal = Assert.Throws<ArgumentException>(() => DataSetTransfer.Evaluate([sets[0], twice], memorizing, seed: 1));
        Assert.Contains("2 different ones, for 400 rows", refusal.Message, StringComparison.Ordinal);

        static TransferDataSet Of(params string[] ids) => new() { Name = "", Factors = [], Labels = [], Groups = [], RowIds = ids };
    }

    [Fact]
    public void Targets_of_the_same_rows_are_compared_whatever_their_order()
    {
        var random = new SeededRandom(2);
        double[] scores = [.. PlantedHardness.Groups.Select(_ => random.NextDouble())];
        string[] ids = [.. scores.Select((_, row) => Invariant($"row {row}"))];
        var first = Set("first", 1) with { RowIds = ids, Scores = scores };
        var second = first with { RowIds = [.. ids.Reverse()], Scores = [.. scores.Reverse()] };
        var matrix = Matrix(0.9, 0.8);
        var stability = TargetStability.Of([first, second], matrix, 0.2)!;
        Assert.Equal((1, 1, 0.2), (stability.Labels.Spearman, stability.Labels.Overlap, stability.Labels.Chance));
        Assert.Equal(0.85, stability.Auc.Value, 1e-12);

        // The log-odds are log 9 and log 4: their mean has the error |log 9 − log 4| / 2, and t is 12.706.
        var margin = 12.7062 * Math.Log(9.0 / 4) / 2;
        Assert.Equal(1 / (1 + Math.Exp(margin - Math.Log(0.85 / 0.15))), stability.Auc.Low, 1e-4);
        Assert.Null(TargetStability.Of([first, second with { Scores = [] }], matrix, 0.2));
        Assert.Null(TargetStability.Of([first, second with { RowIds = [.. ids.Select(id => id + "b")] }], matrix, 0.2));

        static TransferMatrix Matrix(params double[] own) => new()
        {
            Names = [.. own.Select(auc => Invariant($"{auc}"))],
            Auc = [.. own.Select(auc => own.Select(_ => new AucEstimate { Value = auc, Low = auc, High = auc }).ToArray())],
        };
    }
}
