namespace Unlearn.MLNet.Trials;

/// <summary>Finished trials, kept. Safe to use from several threads.</summary>
public interface ITrialLedger : IDisposable
{
    /// <summary>Which of these trials have a result.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    IReadOnlySet<string> Finished(IEnumerable<string> trialIds);

    /// <summary>Keeps a result. A trial that has one already keeps it: the first result stays.</summary>
    /// <param name="spec">The trial.</param>
    /// <param name="result">What it measured.</param>
    /// <returns>Whether the result was new.</returns>
    /// <exception cref="ArgumentException">The result is not one of this trial: other id or rows, or numbers that are not finite.</exception>
    bool Add(TrialSpec spec, TrialResult result);

    /// <summary>The result of a trial.</summary>
    /// <param name="trialId">Id of the trial.</param>
    /// <exception cref="KeyNotFoundException">The trial has no result.</exception>
    TrialResult Read(string trialId);
}
