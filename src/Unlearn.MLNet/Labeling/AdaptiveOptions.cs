namespace Unlearn.MLNet.Labeling;

/// <summary>How sure labels are to be, and what that may cost.</summary>
internal sealed record AdaptiveOptions
{
    /// <inheritdoc cref="HardnessLabelingOptions.CeilingGoal"/>
    public double CeilingGoal { get; init; } = 0.9;

    /// <inheritdoc cref="HardnessLabelingOptions.HardShare"/>
    public double HardShare { get; init; } = 0.2;

    /// <inheritdoc cref="HardnessLabelingOptions.MaximumTrials"/>
    public int MaximumTrials { get; init; } = 1000;

    /// <inheritdoc cref="HardnessLabelingOptions.MaximumTime"/>
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
