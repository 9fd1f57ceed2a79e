using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.Labeling;

/// <summary>How long trials really take, measuring and waiting included, per second of their unlearning. Hands progress on.</summary>
/// <param name="time">The clock, which starts now.</param>
/// <param name="progress">Gets a report after every trial; may be <see langword="null"/>.</param>
internal sealed class TrialPace(TimeProvider time, IProgress<TrialProgress>? progress) : IProgress<TrialProgress>
{
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<string, int> _ran = new(StringComparer.Ordinal);
    private double _seconds;

    public void Report(TrialProgress value)
    {
        // A report that names an unlearner is of one of its trials, which has just ended.
        if (value.Unlearner is { } unlearner)
            _ran[unlearner] = _ran.GetValueOrDefault(unlearner) + 1;
        progress?.Report(value);
    }

    /// <summary>Takes note of the end of a round.</summary>
    /// <param name="meanSeconds">Mean seconds of unlearning of a trial, by the unlearner's name.</param>
    public void EndRound(IReadOnlyDictionary<string, double> meanSeconds)
    {
        _seconds += _ran.Sum(trials => trials.Value * meanSeconds[trials.Key]);
        _ran.Clear();
    }

    /// <summary>Time since the start, and what more trials are expected to take. While none was run, they are taken for as long as their unlearning.</summary>
    /// <param name="seconds">Seconds of their unlearning.</param>
    public TimeSpan ElapsedWith(double seconds)
    {
        var elapsed = time.GetElapsedTime(_start);
        return elapsed + (_seconds > 0 ? elapsed * (seconds / _seconds) : TimeSpan.FromSeconds(seconds));
    }
}
