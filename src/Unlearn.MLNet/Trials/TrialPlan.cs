namespace Unlearn.MLNet;

/// <summary>The trials of one unlearner, in two halves that share neither seeds nor forget sets, so that one half can check the other.</summary>
public sealed class TrialPlan
{
    internal TrialPlan(string unlearner, TrialContext context, IReadOnlyList<TrialSpec> trials, IReadOnlyList<int> minimumCoverage)
    {
        Unlearner = unlearner;
        Context = context;
        Trials = trials;
        MinimumCoverage = minimumCoverage;
    }

    /// <summary>Name of the unlearner.</summary>
    public string Unlearner { get; }

    /// <summary>What the trials share, in words as well: whatever makes these trials others than those of another plan.</summary>
    public TrialContext Context { get; }

    /// <summary>The trials; the halves take turns, so that a run that stops early leaves both equally far.</summary>
    public IReadOnlyList<TrialSpec> Trials { get; }

    /// <summary>
    /// For each half, how many of its trials forget the row that it forgets least often; 0 when it leaves rows out. No row is forgotten
    /// more than once more often.
    /// </summary>
    public IReadOnlyList<int> MinimumCoverage { get; }
}
