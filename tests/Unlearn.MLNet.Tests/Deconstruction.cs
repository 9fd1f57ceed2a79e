using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.Tests;

/// <summary>Takes results apart, for tests that look at each part.</summary>
internal static class Deconstruction
{
    public static void Deconstruct(this AucEstimate estimate, out double value, out double low, out double high) =>
        (value, low, high) = (estimate.Value, estimate.Low, estimate.High);

    public static void Deconstruct(this TrialRun run, out IReadOnlyList<TrialResult> results, out IReadOnlyList<TrialFailure> failures) =>
        (results, failures) = (run.Results, run.Failures);
}
