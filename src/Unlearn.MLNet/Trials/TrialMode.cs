namespace Unlearn.MLNet.Trials;

/// <summary>How many rows a trial forgets.</summary>
internal enum TrialMode
{
    /// <summary>A random group: one trial has an outcome for each of its rows.</summary>
    Group,

    /// <summary>One row, the instance-level setting: as many trials as rows, for unlearners that are cheap enough.</summary>
    SingleRow,
}
