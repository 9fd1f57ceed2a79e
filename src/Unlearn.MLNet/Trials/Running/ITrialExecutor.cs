namespace Unlearn.MLNet.Trials.Running;

/// <summary>Settles trials somewhere: on this machine's cores, or elsewhere.</summary>
internal interface ITrialExecutor
{
    /// <summary>
    /// Sees to it that trials are settled, in about this order: either runs each batch here (<see cref="TrialWork.Run"/>), or has others run them, who
    /// share the ledger, and counts what they do (<see cref="TrialWork.LeaveToOthers"/>).
    /// </summary>
    /// <param name="batches">The trials, in the batches in which they are run. Nothing needs to travel but their ids: they follow from their plans.</param>
    /// <param name="work">Runs a batch and keeps its results; callable from several threads at once. An exception means that the whole run failed.</param>
    /// <param name="cancellationToken">Stops all workers.</param>
    /// <exception cref="OperationCanceledException">Canceled before the last trial ended.</exception>
    Task RunAsync(IReadOnlyList<IReadOnlyList<TrialSpec>> batches, TrialWork work, CancellationToken cancellationToken);
}
