namespace Unlearn.MLNet.Labeling;

/// <summary>Why no more trials were added.</summary>
internal enum StopReason
{
    /// <summary>Every ceiling reached the goal.</summary>
    Goal,

    /// <summary>Another round would take more trials than allowed.</summary>
    Trials,

    /// <summary>Another round would take more time than allowed.</summary>
    Time,
}
