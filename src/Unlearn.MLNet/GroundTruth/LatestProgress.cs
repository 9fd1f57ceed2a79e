namespace Unlearn.MLNet.GroundTruth;

/// <summary>Passes progress on, and knows the latest: what holds a stage up is told as a part of it.</summary>
/// <param name="progress">Whom to tell; may be <see langword="null"/>.</param>
internal sealed class LatestProgress(IProgress<StudyProgress>? progress) : IProgress<StudyProgress>
{
    private StudyProgress _latest = new() { Stage = StudyStage.Target, Finished = 0, Total = 1, Detail = "" };

    public void Report(StudyProgress value)
    {
        _latest = value;
        progress?.Report(value);
    }

    /// <summary>Tells how long the ledger has been locked by another process.</summary>
    public void TellOfLock(TimeSpan waited) => progress?.Report(_latest with
    {
        Detail = Invariant($"waiting for the ledger, which another process has locked for {waited.TotalSeconds:0} s"),
        Remaining = null,
    });
}
