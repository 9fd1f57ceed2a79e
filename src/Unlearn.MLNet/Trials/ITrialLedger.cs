namespace Unlearn.MLNet.Trials;

/// <summary>
/// Keeps the results and failures of trials, and records which trials are being run. It is thread-safe, and several processes may share the storage behind it.
/// </summary>
internal interface ITrialLedger : ICalibrationLedger, IDisposable
{
    /// <summary>Records a plan before its trials run. Registering the plan again, or with more trials, changes nothing.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="allowOthers">Whether the ledger may hold trials of the same unlearner from another plan: other rows, recipe, options or seed.</param>
    /// <exception cref="TrialLedgerException">The ledger holds such trials, and they are not allowed. The message lists the differences.</exception>
    void Register(TrialPlan plan, bool allowOthers);

    /// <summary>States of trials.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    /// <returns>One state per id, in order.</returns>
    IReadOnlyList<TrialState> States(IReadOnlyList<string> trialIds);

    /// <summary>Claims a trial, so that nobody else runs it.</summary>
    /// <param name="spec">The trial.</param>
    /// <returns>
    /// The claim; <see langword="null"/> if the trial is already settled or claimed. Disposing the claim releases the trial if it is not settled by
    /// then.
    /// </returns>
    IDisposable? Claim(TrialSpec spec);

    /// <summary>Keeps a result and ends the trial's claim at once. If the trial already has a result, the first one stays. A failure is replaced.</summary>
    /// <param name="spec">The trial.</param>
    /// <param name="result">What the trial measured.</param>
    /// <returns>Whether the result was new.</returns>
    /// <exception cref="ArgumentException">The result does not fit the trial: it has another id or other rows, or a number is not finite.</exception>
    bool Add(TrialSpec spec, TrialResult result);

    /// <summary>Keeps a failure and ends the trial's claim at once. If the trial already has a result or a failure, that one stays.</summary>
    /// <param name="spec">The trial.</param>
    /// <param name="failure">Why the trial has no result.</param>
    /// <returns>Whether the failure was new.</returns>
    bool Add(TrialSpec spec, TrialFailure failure);

    /// <summary>Results and failures of trials, in order. Trials without either are left out.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    TrialRun Read(IReadOnlyList<string> trialIds);

    /// <summary>Deletes the failures of trials, so that the trials can be claimed again.</summary>
    /// <param name="trialIds">Ids of trials.</param>
    void DropFailures(IReadOnlyList<string> trialIds);

    /// <summary>
    /// Performs several ledger calls as one transaction, which costs little more than one call. If the work throws, no change is kept.
    /// Others may have to wait for the ledger meanwhile, so keep the work short.
    /// </summary>
    /// <param name="work">
    /// Uses the ledger, on this thread. A ledger that can lose its connection does the work again after it has found it again: it must begin anew.
    /// </param>
    void Together(Action work);

    /// <summary>Checks, before long work, that there is room for what is to be added, as far as can be known. What was added earlier counts as room.</summary>
    /// <param name="bytes">What is to be added in all.</param>
    /// <exception cref="TrialLedgerException">There is not.</exception>
    void DemandSpace(double bytes);
}
