using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.CrossValidation;

public sealed class ShuffleTests
{
    [Fact]
    public void Each_factor_is_shuffled_and_each_family_of_several()
    {
        Assert.Equal(["A 0", "B 1", "C 2", "D 3", "x 0,2"], Shuffles("x", "y", "x", "z"));
        Assert.Equal(["A 0", "B 1"], Shuffles("x", "x")); // a family of all factors is worth what the model is
        Assert.Equal(["A 0", "B 1", "C 2", "D 3", "x 0,1", "y 2,3"], Shuffles("x", "x", "y", "y"));

        static string[] Shuffles(params string[] families) => [.. Shuffle
            .Of([.. families.Select((family, i) => new FactorColumn { Name = $"{(char)('A' + i)}", Tier = FactorTier.T0, Values = [], Family = family })])
            .Select(shuffle =>
            {
                Assert.Equal(shuffle.Name is "x" or "y", shuffle.IsFamily);
                return $"{shuffle.Name} {string.Join(',', shuffle.Columns)}";
            })];
    }

    [Fact]
    public void Importance_is_the_mean_loss_of_area_with_its_deviation()
    {
        bool[] labels = [true, false, true, false];
        // Areas 1; 0.75, 0.25 and 1.
        var importance = new Shuffle("x", true, [0, 2]).Importance([4, 1, 3, 2], [[4, 1, 2, 3], [2, 4, 1, 1.5], [4, 1, 3, 2]], labels);
        Assert.Equal(("x", true), (importance.Name, importance.IsFamily));
        var mean = (0.25 + 0.75 + 0) / 3;
        Assert.Equal(mean, importance.Loss, 1e-12);
        Assert.Equal(Math.Sqrt((Math.Pow(0.25 - mean, 2) + Math.Pow(0.75 - mean, 2) + mean * mean) / 2), importance.Deviation, 1e-12);
        Assert.True(double.IsNaN(new Shuffle("A", false, [0]).Importance([4, 1, 3, 2], [[4, 1, 2, 3]], labels).Deviation));
    }
}
