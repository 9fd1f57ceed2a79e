using TorchSharp;
using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Trials;

/// <summary>Watches one unlearning: what becomes of p_y of the forgotten rows. Its own time is told, so that it does not count as the unlearner's.</summary>
/// <param name="rows">All rows.</param>
/// <param name="forget">Positions of the forgotten rows, in the order of the trial's spec.</param>
/// <param name="time">Source of the time.</param>
internal sealed class StepRecorder(TrainingRows rows, int[] forget, TimeProvider time)
{
    private readonly List<float> _confidences = [];
    private int _count;

    /// <summary>Wall-clock seconds of watching.</summary>
    public double Seconds { get; private set; }

    /// <summary>Processor seconds of watching.</summary>
    public double CpuSeconds { get; private set; }

    /// <summary>What was seen; <see langword="null"/> where the unlearner went no steps.</summary>
    public StepTrace? Trace => _count == 0 ? null : new(_count, _confidences);

    /// <summary>Takes note of a step, once: a batch may have the same request in several places.</summary>
    public void AfterStep(int step, ITarget model)
    {
        if (step <= _count)
            return;
        _count = step;
        if (!StepTrace.IsMeasured(step))
            return;
        var (start, cpuStart) = (time.GetTimestamp(), ThreadCpuTime.Seconds);
        using (var scope = torch.NewDisposeScope())
            _confidences.AddRange(ModelAnswers.Of(model, rows, forget).Confidences.Select(value => (float)value));
        Seconds += time.GetElapsedTime(start).TotalSeconds;
        CpuSeconds += ThreadCpuTime.Seconds - cpuStart ?? 0;
    }
}
