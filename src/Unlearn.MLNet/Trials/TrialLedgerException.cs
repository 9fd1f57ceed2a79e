namespace Unlearn.MLNet;

/// <summary>
/// A ledger file cannot be used: damaged, written by a newer version or another application, or out of reach. The message names file, cause and cure.
/// </summary>
public sealed class TrialLedgerException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public TrialLedgerException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">File, cause and cure.</param>
    public TrialLedgerException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">File, cause and cure.</param>
    /// <param name="innerException">What SQLite said.</param>
    public TrialLedgerException(string message, Exception innerException) : base(message, innerException) { }
}
