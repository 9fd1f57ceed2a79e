namespace Unlearn.MLNet.Measuring;

/// <summary>
/// Watches one unlearning: what becomes of p_y of the forgotten rows, and how long the unlearner prepares, which begins now. Its own time is told, so
/// that it does not count as the unlearner's.
/// </summary>
/// <param name="forget">Positions of the forgotten rows, in the order of the trial's spec.</param>
/// <param name="time">Source of the time.</param>
internal sealed class StepRecorder(int[] forget, TimeProvider time)
{
    private readonly int[] _order = OrderOf(forget);
    private readonly List<float> _confidences = [];
    private readonly (long Wall, double? Cpu) _start = (time.GetTimestamp(), ThreadCpuTime.Seconds);
    private int _count;

    /// <summary>Wall-clock seconds of watching.</summary>
    public double Seconds { get; private set; }

    /// <summary>Processor seconds of watching.</summary>
    public double CpuSeconds { get; private set; }

    /// <summary>Wall-clock seconds of preparing; <see langword="null"/> for an unlearner that starts from the target.</summary>
    public double? PreparationSeconds { get; private set; }

    /// <summary>Processor seconds of preparing.</summary>
    public double PreparationCpuSeconds { get; private set; }

    /// <summary>What was seen; <see langword="null"/> where the unlearner went no steps.</summary>
    public StepTrace? Trace => _count == 0 ? null : new(_count, _confidences);

    /// <summary>Takes note of a step: an <see cref="UnlearningRequest.AfterStep"/>.</summary>
    public void AfterStep(int step, Func<IReadOnlyList<double>> confidences)
    {
        _count = step;
        if (!StepTrace.IsMeasured(step))
            return;
        var (start, cpuStart) = (time.GetTimestamp(), ThreadCpuTime.Seconds);
        var seen = confidences();
        _confidences.AddRange(_order.Select(i => (float)seen[i]));
        Seconds += time.GetElapsedTime(start).TotalSeconds;
        CpuSeconds += ThreadCpuTime.Seconds - cpuStart ?? 0;
    }

    /// <summary>Takes note that what was done so far was no unlearning.</summary>
    public void AfterPreparation() =>
        (PreparationSeconds, PreparationCpuSeconds) = (time.GetElapsedTime(_start.Wall).TotalSeconds, ThreadCpuTime.Seconds - _start.Cpu ?? 0);

    /// <summary>Keeps of the preparation of a batch only this request's part.</summary>
    /// <param name="trials">How many shared it.</param>
    public void SharePreparation(int trials) => (PreparationSeconds, PreparationCpuSeconds) = (PreparationSeconds / trials, PreparationCpuSeconds / trials);

    // Index of each row in ascending order, which is the order in requests.
    private static int[] OrderOf(int[] forget)
    {
        int[] ascending = [.. forget.Order()];
        return Array.ConvertAll(forget, position => Array.BinarySearch(ascending, position));
    }
}
