namespace Unlearn.MLNet.Trials.Planning;

/// <summary>Whether an unlearner forgets rows one at a time or in groups, and why.</summary>
internal sealed record TrialModeChoice
{
    /// <summary>Whether the unlearner forgets groups or single rows.</summary>
    public required TrialMode Mode { get; init; }

    /// <summary>Estimated workers' seconds of forgetting every row by itself; NaN where nothing was measured.</summary>
    public required double SingleRowSeconds { get; init; }

    /// <summary>Reason of the choice, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>Chooses by cost: single rows, the setting that hardness is about, where they fit the time, else groups.</summary>
    /// <param name="unlearner">Name of the unlearner.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="repetitions">How often each row is to be forgotten.</param>
    /// <param name="secondsPerTrial">Seconds of one trial that forgets one row, measuring included.</param>
    /// <param name="allowed">Workers' time that single rows may take in all.</param>
    public static TrialModeChoice ByCost(string unlearner, int rows, int repetitions, double secondsPerTrial, TimeSpan allowed)
    {
        ArgumentException.ThrowIfNullOrEmpty(unlearner);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(secondsPerTrial);
        var seconds = secondsPerTrial * rows * repetitions;
        var cost = Invariant(
            $"{rows} rows × {repetitions} × {secondsPerTrial:0.####} s = {seconds / 60:0.#} min of workers' time, {allowed.TotalMinutes:0.#} min allowed");
        return seconds <= allowed.TotalSeconds
            ? new() { Mode = TrialMode.SingleRow, SingleRowSeconds = seconds, Reason = $"{unlearner} forgets single rows: {cost}." }
            : new() { Mode = TrialMode.Group, SingleRowSeconds = seconds, Reason = $"{unlearner} forgets groups, since single rows cost too much: {cost}." };
    }
}
