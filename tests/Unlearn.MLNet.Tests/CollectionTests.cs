using Unlearn.TestPrograms;
using Unlearn.Tests;
using Xunit;

namespace Unlearn.MLNet.Tests;

/// <summary>Optimized code lets go of objects early: whatever a native call reads must be held while it runs.</summary>
public sealed class CollectionTests
{
    /// <summary><c>UNLEARN_COLLECTING</c> sets the seconds.</summary>
    private static readonly int Seconds = CaseCount.Of("UNLEARN_COLLECTING", 4);

    [Fact]
    public async Task Nothing_is_run_again_nor_changed_by_collections_in_optimized_code()
    {
        using var process = TestProgram.StartOptimized("collect", Invariant($"{Seconds}"));
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        var numbers = text.Split().Where(number => number.Length > 0).Select(int.Parse).ToArray();
        Assert.True(numbers is [>= 1, >= 100, 0, 1], $"Rounds, collections, work run again, different results: {text}");
    }
}
