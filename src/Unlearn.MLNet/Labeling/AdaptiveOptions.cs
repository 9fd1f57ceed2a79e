namespace Unlearn.MLNet;

/// <summary>How sure labels are to be, and what that may cost.</summary>
public sealed record AdaptiveOptions
{
    /// <summary>Oracle ceiling that every unlearner is to reach, in (0.5, 1]: the AUC that a score without noise would have against the label; see <see cref="HardnessEvaluation.Ceiling"/>.</summary>
    /// <value>Default 0.9.</value>
    public double CeilingGoal { get; init; } = 0.9;

    /// <summary>Share of rows that count as hard, in (0, 1).</summary>
    /// <value>Default 0.2.</value>
    public double HardShare { get; init; } = 0.2;

    /// <summary>Number of trials that is never exceeded, over all unlearners.</summary>
    /// <value>Default 1,000.</value>
    public int MaximumTrials { get; init; } = 1000;

    /// <summary>
    /// Wall-clock time that no round is begun to exceed: what has passed since the first round began, measuring and waiting included, and what the next round is expected to
    /// take at that pace. A resumed run has all of it again.
    /// </summary>
    /// <value>Default: no limit.</value>
    public TimeSpan MaximumTime { get; init; } = TimeSpan.MaxValue;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        if (!(CeilingGoal is > 0.5 and <= 1))
            throw new ArgumentException($"A ceiling of {CeilingGoal} was asked for: an AUC to reach lies above 0.5 and is at most 1.");
        if (!(HardShare is > 0 and < 1))
            throw new ArgumentException($"A share of {HardShare} hard rows was asked for: it must lie between 0 and 1, both excluded.");
        if (MaximumTime <= TimeSpan.Zero)
            throw new ArgumentException("The time for trials must be more than none.");
    }

    /// <exception cref="ArgumentException">The first round alone takes more trials than are allowed.</exception>
    internal void CheckFirstRound(int trials)
    {
        if (trials > MaximumTrials)
            throw new ArgumentException($"The first round takes {trials} trials, more than the {MaximumTrials} allowed: allow more, or begin with fewer.");
    }
}
