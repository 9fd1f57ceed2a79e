namespace Unlearn.MLNet.Studies;

/// <summary>Times work by the clock and by the processor.</summary>
/// <param name="time">The clock.</param>
/// <param name="processor">Processor time that this process has used; <see langword="null"/> to ask the system.</param>
internal sealed class WorkClock(TimeProvider time, Func<TimeSpan>? processor = null)
{
    private readonly Func<TimeSpan> _processor = processor ?? (() => Environment.CpuUsage.TotalTime);

    /// <summary>The beginning of some work.</summary>
    public (long Time, TimeSpan Processor) Start() => (time.GetTimestamp(), _processor());

    /// <summary>What has passed since the beginning of some work.</summary>
    public WorkTime Since((long Time, TimeSpan Processor) start) =>
        new(time.GetElapsedTime(start.Time).TotalSeconds, (_processor() - start.Processor).TotalSeconds);
}

/// <summary>What some work took.</summary>
/// <param name="Seconds">Seconds of the clock.</param>
/// <param name="CpuSeconds">Processor seconds of the whole process.</param>
internal readonly record struct WorkTime(double Seconds, double CpuSeconds);
