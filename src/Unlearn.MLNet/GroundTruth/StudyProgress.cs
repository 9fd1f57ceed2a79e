namespace Unlearn.MLNet;

/// <summary>Progress of a study.</summary>
public readonly record struct StudyProgress
{
    /// <summary>The current stage.</summary>
    public required StudyStage Stage { get; init; }

    /// <summary>Number of finished steps of the stage.</summary>
    public required int Finished { get; init; }

    /// <summary>Number of all steps of the stage.</summary>
    public required int Total { get; init; }

    /// <summary>Description of the current work.</summary>
    public required string Detail { get; init; }

    /// <summary>Estimated time to the end of the stage; <see langword="null"/> if unknown.</summary>
    public TimeSpan? Remaining { get; init; }
}
