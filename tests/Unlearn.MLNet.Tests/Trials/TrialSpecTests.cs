using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

public sealed class TrialSpecTests
{
    [Fact]
    public void TheIdIsPinned()
    {
        var spec = new TrialSpec("EU", "c0ffee", 1, 3, ["7", "12", "ä"], 42);
        Assert.Equal("66d578ecfb4fbbbf0b6896836bb34f263d93184186b941be872d6f1528338919", spec.Id);
        Assert.Equal($"EU trial 3 of half 1 ({spec.Id})", spec.ToString());
    }

    [Fact]
    public void EveryFieldChangesTheId()
    {
        TrialSpec[] specs =
        [
            new("EU", "c", 0, 1, ["1", "2"], 5),
            new("FT", "c", 0, 1, ["1", "2"], 5),
            new("EU", "d", 0, 1, ["1", "2"], 5),
            new("EU", "c", 1, 1, ["1", "2"], 5),
            new("EU", "c", 0, 2, ["1", "2"], 5),
            new("EU", "c", 0, 1, ["1", "3"], 5),
            new("EU", "c", 0, 1, ["2", "1"], 5),
            new("EU", "c", 0, 1, ["12"], 5),
            new("EU", "c", 0, 1, ["1"], 5),
            new("EU", "c", 0, 1, ["1", "2"], 6),
            new("EUc", "0", 0, 1, ["1", "2"], 5),
        ];
        Assert.Distinct(specs.Select(spec => spec.Id));
    }

    [Fact]
    public void TheForgetSetIsCopied()
    {
        var ids = new List<string> { "1", "2" };
        var spec = new TrialSpec("EU", "c", 0, 0, ids, 1);
        ids.Clear();
        Assert.Equal(["1", "2"], spec.ForgetIds);
    }

    [Theory]
    [InlineData("", "c", 0, 0, "unlearner")]
    [InlineData("EU", "", 0, 0, "context")]
    [InlineData("EU", "c", 2, 0, "half")]
    [InlineData("EU", "c", -1, 0, "half")]
    [InlineData("EU", "c", 0, -1, "index")]
    public void ArgumentsOutsideTheirRangeAreRefused(string unlearner, string context, int half, int index, string parameter) =>
        Assert.Equal(parameter, Assert.ThrowsAny<ArgumentException>(() => new TrialSpec(unlearner, context, half, index, ["1"], 1)).ParamName);

    [Fact]
    public void AnEmptyForgetSetIsRefused() => Assert.Throws<ArgumentException>("forgetIds", () => new TrialSpec("EU", "c", 0, 0, [], 1));
}
