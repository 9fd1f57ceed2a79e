namespace Unlearn.Distributed;

/// <summary>
/// Trials cannot be run, or parts not be transformed, elsewhere: a worker has other code, another Torch or other data than the coordinator, a blob is
/// missing or damaged, the database cannot be used, or there is no worker. The message says what differs, and what to do. Finished trials and parts are
/// kept.
/// </summary>
public sealed class DistributedTrialsException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public DistributedTrialsException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and cure.</param>
    public DistributedTrialsException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and cure.</param>
    /// <param name="innerException">What went wrong.</param>
    public DistributedTrialsException(string message, Exception innerException) : base(message, innerException) { }
}
