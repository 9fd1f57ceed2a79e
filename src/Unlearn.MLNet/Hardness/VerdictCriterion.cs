namespace Unlearn.MLNet;

/// <summary>Criterion that a result must meet.</summary>
public enum VerdictCriterion
{
    /// <summary>The lower end of the AUC's 95 % interval, DeLong's or the bootstrap's, whichever is lower, is above the target.</summary>
    AucInterval,

    /// <summary>(AUC − 0.5) / (ceiling − 0.5) is at least the target.</summary>
    CeilingShare,

    /// <summary>
    /// The unlearner's own score tells its label better than doing nothing does, by more than the target; see <see cref="NothingComparison"/>.
    /// </summary>
    ToldApart,

    /// <summary>The AUC of a model that was trained on the other unlearners' labels is at least the target.</summary>
    LeaveOneOut,
}
