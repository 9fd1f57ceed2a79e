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
}
