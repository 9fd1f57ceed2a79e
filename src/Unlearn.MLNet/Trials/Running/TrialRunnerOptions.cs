using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.MLNet;

/// <summary>How a <see cref="TrialRunner"/> deals with failed trials and with other plans.</summary>
public sealed record TrialRunnerOptions
{
    /// <summary>Number of times that a trial with a transient failure is tried again, from 0. Trials with other failures are not tried again.</summary>
    /// <value>Default 2.</value>
    public int Retries { get; init; } = 2;

    /// <summary>Time before a trial is tried again, from 0. It doubles with every further try.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether trials that failed in an earlier run are tried again, whatever the failure. Set it after removing the cause of the failures.
    /// Trials with transient failures are always tried again.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RetryFailed { get; init; }

    /// <summary>
    /// Whether the ledger may hold trials of the same unlearner from another plan: other rows, recipe, options or seed. Trials of different plans are
    /// kept apart.
    /// </summary>
    /// <value>Default <see langword="false"/>: such a ledger is refused.</value>
    public bool AllowOtherPlans { get; init; }

    /// <summary>
    /// Time to wait for a ledger that another process has locked, from 0. Progress tells of it; finished trials are kept when it has run out.
    /// </summary>
    /// <value>Default 1 hour.</value>
    public TimeSpan LockTimeout { get; init; } = LockPatience.Usual;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        if (Retries < 0)
            throw new ArgumentException($"{Retries} retries were asked for: ask for none or more.");
        if (RetryDelay < TimeSpan.Zero)
            throw new ArgumentException("The delay before a trial is tried again must not be negative.");
        if (LockTimeout < TimeSpan.Zero)
            throw new ArgumentException("The time to wait for a locked ledger must not be negative.");
    }
}
