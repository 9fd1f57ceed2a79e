namespace Unlearn.MLNet;

/// <summary>How a <see cref="TrialRunner"/> deals with failed trials and with other plans.</summary>
public sealed record TrialRunnerOptions
{
    /// <summary>How often a trial is tried again whose failure may pass, from 0. Other failures are not tried again.</summary>
    /// <value>Default 2.</value>
    public int Retries { get; init; } = 2;

    /// <summary>Time before a trial is tried again; it doubles with every further try. From 0.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether trials that failed in an earlier run are tried again, whatever the failure: say so after their cause was removed.
    /// Failures that may pass are always tried again.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RetryFailed { get; init; }

    /// <summary>Whether the ledger may hold trials of the same unlearner under another plan: other rows, recipe, options or seed. They are kept apart.</summary>
    /// <value>Default <see langword="false"/>: such a ledger is refused.</value>
    public bool AllowOtherPlans { get; init; }

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        if (Retries < 0)
            throw new ArgumentException($"{Retries} retries were asked for: ask for none or more.");
        if (RetryDelay < TimeSpan.Zero)
            throw new ArgumentException("The delay before a trial is tried again must not be negative.");
    }
}
