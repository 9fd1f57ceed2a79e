namespace Unlearn.MLNet;

/// <summary>How far a request is.</summary>
public enum ErasureState
{
    /// <summary>It was begun and is not finished, such as before a kill: resume it.</summary>
    Begun,

    /// <summary>It waits for the next retraining.</summary>
    Waiting,

    /// <summary>Its rows are erased.</summary>
    Completed,
}
