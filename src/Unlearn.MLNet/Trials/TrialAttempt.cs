namespace Unlearn.MLNet.Trials;

/// <summary>What came of carrying out a trial once: a result or the cause of a failure.</summary>
internal sealed class TrialAttempt
{
    private TrialAttempt(TrialResult? result, Exception? cause) => (Result, Cause) = (result, cause);

    /// <summary>The result; <see langword="null"/> for a failure.</summary>
    public TrialResult? Result { get; }

    /// <summary>Why there is no result; <see langword="null"/> for a result.</summary>
    public Exception? Cause { get; }

    /// <summary>A result.</summary>
    /// <param name="result">The result.</param>
    public static TrialAttempt Success(TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new(result, null);
    }

    /// <summary>A failure.</summary>
    /// <param name="cause">Its cause.</param>
    public static TrialAttempt Failure(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return new(null, cause);
    }

    /// <summary>Carries out a trial: what is thrown is the cause of its failure.</summary>
    /// <param name="run">Carries out the trial.</param>
    /// <param name="cancellationToken">The token that may end it.</param>
    /// <exception cref="OperationCanceledException">Cancelled, which is no failure.</exception>
    public static TrialAttempt Of(Func<TrialResult> run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        try
        {
            return Success(run());
        }
        catch (Exception cause) when (!IsCancellation(cause, cancellationToken))
        {
            return Failure(cause);
        }
    }

    internal static bool IsCancellation(Exception cause, CancellationToken cancellationToken) =>
        cause is OperationCanceledException && cancellationToken.IsCancellationRequested;
}
