using Unlearn.MLNet.Measuring;
using Xunit;

namespace Unlearn.MLNet.Tests.Measuring;

public sealed class StepTraceTests
{
    [Fact]
    public void EachOfTheFirstStepsIsMeasuredThenFourInEveryDoubling() =>
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64], new StepTrace(70, new float[20]).MeasuredSteps);

    [Fact]
    public void TheFirstStepAtMostTheThresholdIsFound()
    {
        // Two rows, steps 1 to 4.
        var trace = new StepTrace(4, [0.9f, 0.9f, 0.5f, 0.8f, 0.7f, 0.8f, 0.1f, 0.8f]);
        Assert.Equal(2, trace.RowCount);
        Assert.Equal(2, trace.FirstAtMost(0, 0.5));
        Assert.Equal(4, trace.FirstAtMost(0, 0.2));
        Assert.Null(trace.FirstAtMost(0, 0.05));
        Assert.Equal(1, trace.FirstAtMost(1, 1));
        Assert.Null(trace.FirstAtMost(1, 0.5));
    }

    [Fact]
    public void ATraceOfOtherSizeOrOfNoProbabilitiesIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new StepTrace(3, [0.5f, 0.5f]));
        Assert.Throws<ArgumentException>(() => new StepTrace(1, []));
        Assert.Throws<ArgumentException>(() => new StepTrace(1, [float.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepTrace(0, [0.5f]));
    }
}
