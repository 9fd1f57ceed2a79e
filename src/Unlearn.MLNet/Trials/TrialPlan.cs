namespace Unlearn.MLNet.Trials;

/// <summary>The trials of one unlearner, in two halves. The halves share neither seeds nor forget sets, so one half can check the other.</summary>
internal sealed class TrialPlan
{
    internal TrialPlan(string unlearner, TrialContext context, TrialDeal deal, IReadOnlyList<TrialSpec> trials, IReadOnlyList<int> minimumCoverage)
    {
        Unlearner = unlearner;
        Context = context;
        Deal = deal;
        Trials = trials;
        MinimumCoverage = minimumCoverage;
    }

    /// <summary>Name of the unlearner.</summary>
    public string Unlearner { get; }

    /// <summary>What all trials of this plan share, as a hash and in words. Plans with different contexts have different trials.</summary>
    public TrialContext Context { get; }

    /// <summary>How the trials were dealt.</summary>
    public TrialDeal Deal { get; }

    /// <summary>The trials. The halves alternate, so a run that stops early has done as much of one half as of the other.</summary>
    public IReadOnlyList<TrialSpec> Trials { get; }

    /// <summary>
    /// For each half, the smallest number of trials that forget the same row; 0 when the half forgets some rows never. Within a half, these
    /// numbers differ by at most one between rows.
    /// </summary>
    public IReadOnlyList<int> MinimumCoverage { get; }
}
