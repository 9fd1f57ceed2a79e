namespace Unlearn.MLNet;

/// <summary>Every trial of an unlearner failed, so that nothing can be said about it.</summary>
public sealed class TrialFailedException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public TrialFailedException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which trials failed, and why.</param>
    public TrialFailedException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which trials failed, and why.</param>
    /// <param name="innerException">The cause.</param>
    public TrialFailedException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates the exception for all trials of an unlearner.</summary>
    /// <param name="failures">Their failures, at least one.</param>
    public TrialFailedException(IReadOnlyList<TrialFailure> failures)
        : base($"All {failures?.Count} trials of {failures?[0].Unlearner} failed. The first reason: {failures?[0].Reason} Trials of other unlearners are kept. "
            + "Remove the cause and run again, with the option to retry failed trials.") =>
        Failures = failures ?? [];

    /// <summary>The failures, where they are known.</summary>
    public IReadOnlyList<TrialFailure> Failures { get; } = [];
}
