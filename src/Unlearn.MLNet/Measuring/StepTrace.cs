namespace Unlearn.MLNet.Measuring;

/// <summary>
/// p_y of a trial's forgotten rows after some of its steps: after each of the first 8, then after four in every doubling of their number
/// (10, 12, 14, 16, 20, 24, …), so that a long unlearning costs little to watch and to keep.
/// </summary>
internal sealed class StepTrace
{
    private const int Each = 8;

    private readonly float[] _confidences;

    /// <summary>Creates a trace.</summary>
    /// <param name="count">Number of steps in all, at least 1: the budget.</param>
    /// <param name="confidences">
    /// p_y, in [0, 1], of the forgotten rows after each step of <see cref="MeasuredSteps"/>: step after step, rows in the order of the trial's spec.
    /// </param>
    /// <exception cref="ArgumentException">The values are not as many of each step, or not in [0, 1].</exception>
    public StepTrace(int count, IReadOnlyList<float> confidences)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(confidences);
        Count = count;
        MeasuredSteps = [.. Enumerable.Range(1, count).Where(IsMeasured)];
        if (confidences.Count == 0 || confidences.Count % MeasuredSteps.Count != 0)
            throw new ArgumentException($"{confidences.Count} confidences cannot be of {MeasuredSteps.Count} measured steps of {count}.", nameof(confidences));
        _confidences = [.. confidences];
        if (Array.Exists(_confidences, value => !(value is >= 0 and <= 1)))
            throw new ArgumentException("A confidence after a step is not in [0, 1]: the model diverged.", nameof(confidences));
        RowCount = _confidences.Length / MeasuredSteps.Count;
    }

    /// <summary>Number of steps in all: the budget.</summary>
    public int Count { get; }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Numbers of the steps that were looked at, from 1, ascending.</summary>
    public IReadOnlyList<int> MeasuredSteps { get; }

    /// <summary>p_y step after step, as the constructor takes it.</summary>
    public IReadOnlyList<float> Confidences => _confidences;

    /// <summary>Whether p_y is looked at after a step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public static bool IsMeasured(int step)
    {
        var stride = 1;
        while (step / stride > Each)
            stride *= 2;
        return step % stride == 0;
    }

    /// <summary>The first step that was looked at after which p_y of a row was at most a threshold.</summary>
    /// <param name="row">Position of the row in the trial.</param>
    /// <param name="threshold">The threshold.</param>
    /// <returns>The step, from 1; <see langword="null"/> where p_y stayed above it.</returns>
    public int? FirstAtMost(int row, double threshold)
    {
        for (var i = 0; i < MeasuredSteps.Count; i++)
            if (_confidences[i * RowCount + row] <= threshold)
                return MeasuredSteps[i];
        return null;
    }
}
