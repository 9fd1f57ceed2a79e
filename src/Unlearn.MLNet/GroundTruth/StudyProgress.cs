namespace Unlearn.MLNet;

/// <summary>Where a study stands.</summary>
public readonly record struct StudyProgress
{
    /// <summary>The stage under way.</summary>
    public required StudyStage Stage { get; init; }

    /// <summary>Steps of the stage that are finished.</summary>
    public required int Finished { get; init; }

    /// <summary>Steps of the stage in all.</summary>
    public required int Total { get; init; }

    /// <summary>What is going on, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>Estimated time to the end of the stage; <see langword="null"/> where unknown.</summary>
    public TimeSpan? Remaining { get; init; }
}
