using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.MLNet;

/// <summary>
/// Other processes that run the trials of studies and labelings, and the ledger that they share. <c>PostgresCluster</c> of package
/// <c>Unlearn.Distributed</c> is one.
/// </summary>
public abstract class TrialCluster
{
    internal TrialCluster() { }

    /// <summary>Opens a ledger of the cluster. One that does not exist is made.</summary>
    /// <param name="part">Which one: empty for the usual one, or what is appended to its name.</param>
    /// <param name="cancellationToken">Ends waiting for the cluster.</param>
    /// <exception cref="TrialLedgerException">It cannot be used.</exception>
    internal abstract ITrialLedger OpenLedger(string part, CancellationToken cancellationToken);

    /// <summary>Who settles trials of plans.</summary>
    /// <param name="ledger">A ledger of this cluster.</param>
    /// <param name="setting">What the trials share, which workers need as well.</param>
    /// <param name="plans">The plans.</param>
    /// <param name="options">How workers deal with failures.</param>
    /// <exception cref="NotSupportedException">Recipe, target or an unlearner cannot be given to other processes.</exception>
    internal abstract ITrialExecutor Executor(ITrialLedger ledger, TrialSetting setting, IReadOnlyList<TrialPlan> plans, TrialRunnerOptions options);
}
