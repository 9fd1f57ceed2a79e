namespace Unlearn.MLNet;

/// <summary>
/// What came of trials, kept, and who is running which. Safe to use from several threads; several processes may share what lies behind it.
/// </summary>
public interface ITrialLedger : IDisposable
{
    /// <summary>Takes note of a plan before its trials run. Registering it again, or with more trials, changes nothing.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="allowOthers">Whether there may be trials of the same unlearner under another plan: other rows, recipe, options or seed.</param>
    /// <exception cref="TrialLedgerException">There are some, and that is not allowed; the message lists what differs.</exception>
    void Register(TrialPlan plan, bool allowOthers);

    /// <summary>Where trials stand.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    /// <returns>One state per id, in order.</returns>
    IReadOnlyList<TrialState> States(IReadOnlyList<string> trialIds);

    /// <summary>Claims a trial, so that nobody else runs it.</summary>
    /// <param name="spec">The trial.</param>
    /// <returns>The claim, which disposing gives up unless the trial is settled by then; <see langword="null"/> where it is settled or claimed already.</returns>
    IDisposable? Claim(TrialSpec spec);

    /// <summary>Keeps a result and ends the trial's claim at once. A trial that has a result keeps it: the first one stays. A failure gives way.</summary>
    /// <param name="spec">The trial.</param>
    /// <param name="result">What it measured.</param>
    /// <returns>Whether the result was new.</returns>
    /// <exception cref="ArgumentException">The result is not one of this trial: other id or rows, or numbers that are not finite.</exception>
    bool Add(TrialSpec spec, TrialResult result);

    /// <summary>Keeps a failure and ends the trial's claim at once. A trial that has a result or a failure keeps it.</summary>
    /// <param name="spec">The trial.</param>
    /// <param name="failure">Why it has no result.</param>
    /// <returns>Whether the failure was new.</returns>
    bool Add(TrialSpec spec, TrialFailure failure);

    /// <summary>Results and failures of trials, in order; trials that have neither are left out.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    TrialRun Read(IReadOnlyList<string> trialIds);

    /// <summary>Drops the failures of trials, so that they can be claimed again.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    void DropFailures(IReadOnlyList<string> trialIds);

    /// <summary>
    /// Does several of the above at once, for little more than one costs: all of them are kept, or none if the work throws. Others cannot use the ledger meanwhile, so keep it short.
    /// </summary>
    /// <param name="work">Uses the ledger, on this thread.</param>
    void Together(Action work);
}
