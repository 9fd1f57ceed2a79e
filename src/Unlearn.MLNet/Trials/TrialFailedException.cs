namespace Unlearn.MLNet.Trials;

/// <summary>A trial threw; the inner exception is the cause. Trials that had finished are kept.</summary>
public sealed class TrialFailedException : InvalidOperationException
{
    /// <summary>Creates the exception with no message of its own.</summary>
    public TrialFailedException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which trial failed, and why.</param>
    public TrialFailedException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which trial failed, and why.</param>
    /// <param name="innerException">The cause.</param>
    public TrialFailedException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates the exception for a trial.</summary>
    /// <param name="trial">The trial that failed.</param>
    /// <param name="cause">What it threw.</param>
    public TrialFailedException(TrialSpec trial, Exception cause)
        : base($"{trial} failed. Trials that had finished are kept: remove the cause and run again to go on from there. The cause: {cause?.Message}", cause)
    {
        TrialId = trial?.Id;
    }

    /// <summary>Id of the trial that failed, where it is known.</summary>
    public string? TrialId { get; }
}
