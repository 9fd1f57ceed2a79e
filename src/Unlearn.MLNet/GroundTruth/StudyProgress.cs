namespace Unlearn.MLNet;

/// <summary>Where a study stands.</summary>
/// <param name="Stage">The stage under way.</param>
/// <param name="Finished">Steps of the stage that are finished.</param>
/// <param name="Total">Steps of the stage.</param>
/// <param name="Detail">What is going on, in words.</param>
/// <param name="Remaining">Estimated time to the end of the stage; <see langword="null"/> where unknown.</param>
public readonly record struct StudyProgress(StudyStage Stage, int Finished, int Total, string Detail, TimeSpan? Remaining = null);
