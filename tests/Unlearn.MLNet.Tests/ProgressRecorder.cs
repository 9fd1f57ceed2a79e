namespace Unlearn.MLNet.Tests;

/// <summary>Keeps reports in the order in which they are made.</summary>
internal sealed class ProgressRecorder<T>(List<T> reports) : IProgress<T>
{
    public void Report(T value)
    {
        lock (reports)
            reports.Add(value);
    }
}
