using CsCheck;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

public sealed class SeedTests
{
    [Fact]
    public void SeedsAreTheSameEverywhereAndInEveryVersion()
    {
        Assert.Equal(6589862017561352311, Seed.Derive(42, "order"));
        Assert.Equal(3883232271766769917, Seed.Derive(42, "order", 1, 2));
    }

    [Fact]
    public void SeedsAreNeverNegativeAndRepeat() =>
        Gen.Select(Gen.Long, Gen.String[1, 10], Gen.Long.Array[0, 4]).Sample((root, purpose, path) =>
            Seed.Derive(root, purpose, path) is >= 0 and var seed && seed == Seed.Derive(root, purpose, path));

    [Fact]
    public void EveryArgumentChangesTheSeed()
    {
        long[] seeds =
        [
            Seed.Derive(1, "a"), Seed.Derive(2, "a"), Seed.Derive(1, "b"), Seed.Derive(1, "a", 0), Seed.Derive(1, "a", 1),
            Seed.Derive(1, "a", 0, 1), Seed.Derive(1, "a", 1, 0), Seed.Derive(1, "a", 0, 0), Seed.Derive(-1, "a"), Seed.Derive(1, "a\0"),
        ];
        Assert.Distinct(seeds);
    }

    [Fact]
    public void AnEmptyPurposeIsRefused() => Assert.Throws<ArgumentException>("purpose", () => Seed.Derive(1, ""));
}
