using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

// Apart from the rest, which programs share that are no tests.
internal static partial class TestTrials
{
    public static void AssertSame(TrialResult expected, TrialResult actual) => Assert.Equal(Bits(expected), Bits(actual));

    public static TrialResult Read(this ITrialLedger ledger, TrialSpec trial) => Assert.Single(ledger.Read([trial.Id]).Results);
}
