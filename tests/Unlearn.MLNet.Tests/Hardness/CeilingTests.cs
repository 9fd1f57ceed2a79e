using Unlearn.MLNet.GroundTruth;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness;

public sealed class CeilingTests
{
    // Row 1 is the hardest of the second half, and the first half puts it above three of the other four. Row 0 is the hardest of the first half, and the second puts it last.
    [Fact]
    public void Each_half_is_scored_against_the_label_of_the_other() =>
        Assert.Equal((0.75 + 0) / 2, Ceiling.Of(new() { Unlearner = "X", All = [0, 0, 0, 0, 0], Halves = [[4, 3, 2, 1, 0], [0, 4, 1, 3, 2]] }, 0.2), 1e-12);

    [Fact]
    public void Halves_that_agree_have_a_ceiling_of_one() => Assert.Equal(1, Ceiling.Of(new() { Unlearner = "X", All = [0, 0, 0, 0], Halves = [[1, 2, 3, 4], [2, 3, 4, 9]] }, 0.5));
}
