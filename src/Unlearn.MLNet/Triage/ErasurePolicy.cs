namespace Unlearn.MLNet;

/// <summary>What is accepted of an erasure, and when the model may be retrained.</summary>
public sealed record ErasurePolicy
{
    /// <summary>Largest residual memory of a row that is accepted, in standard deviations of retraining, from 0.</summary>
    /// <value>Default <see langword="null"/>: the labels' <c>ResidualMemoryTolerance</c>, the 95 % quantile of the retrained models' own.</value>
    public double? Tolerance { get; init; }

    /// <summary>
    /// Probability 1 − α, in (0, 1): how surely a row's residual memory is to be within its bound, and how rarely the audit of a request may fail that was
    /// served by exact retraining.
    /// </summary>
    /// <value>Default 0.9.</value>
    public double Confidence { get; init; } = 0.9;

    /// <summary>Largest share of the rows that a request may name and still be served by an approximate method, in (0, 1].</summary>
    /// <value>Default 0.3: the forget share of the trials that labels come from.</value>
    public double LargestShare { get; init; } = UnlearnerPlan.DefaultForgetShare;

    /// <summary>
    /// Largest loss of accuracy, retained or test, in [0, 1], against the model as it was when it was trained last. So the losses of several requests add up
    /// to no more.
    /// </summary>
    /// <value>Default 0.02.</value>
    public double LargestAccuracyLoss { get; init; } = 0.02;

    /// <summary>
    /// Whether a request that needs retraining waits, so that one retraining serves all that wait. It starts <see cref="LeadTime"/> before the first is due.
    /// </summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool WaitsForRetraining { get; init; } = true;

    /// <summary>Time before a due date at which retraining starts, from 0.</summary>
    /// <value>Default one day.</value>
    public TimeSpan LeadTime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Names of the methods that may be used; <c>nothing</c> stands for leaving the model as it is.</summary>
    /// <value>Default <see langword="null"/>: all that the labels tell of.</value>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Seconds that a method costs, by its name, from 0: what methods are compared by.</summary>
    /// <value>Default <see langword="null"/>: the labels' mean seconds of a trial, and 0 for doing nothing.</value>
    public IReadOnlyDictionary<string, double>? Seconds { get; init; }

    /// <summary>
    /// Retrainings that an audit makes for rows without labels, each without the rows of the request: 0, or at least 4. With 0, such rows are erased by their
    /// bounds alone, and the certificate says so.
    /// </summary>
    /// <value>Default 8.</value>
    public int AuditModels { get; init; } = 8;

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Demand(Tolerance is null || Tolerance >= 0 && double.IsFinite(Tolerance.Value), Tolerance, nameof(Tolerance), "from 0, and finite");
        Demand(Confidence is > 0 and < 1, Confidence, nameof(Confidence), "between 0 and 1, both excluded");
        Demand(LargestShare is > 0 and <= 1, LargestShare, nameof(LargestShare), "above 0 and at most 1");
        Demand(LargestAccuracyLoss is >= 0 and <= 1, LargestAccuracyLoss, nameof(LargestAccuracyLoss), "from 0 to 1");
        Demand(LeadTime >= TimeSpan.Zero, LeadTime, nameof(LeadTime), "from 0");
        foreach (var (name, seconds) in Seconds ?? new Dictionary<string, double>())
            Demand(seconds >= 0 && double.IsFinite(seconds), seconds, nameof(Seconds), $"from 0, and finite, for method '{name}'");
        Demand(AuditModels is 0 or >= 4, AuditModels, nameof(AuditModels), "0, or at least 4");

        static void Demand(bool isMet, object? value, string name, string range)
        {
            if (!isMet)
                throw new ArgumentOutOfRangeException(name, value, $"Must be {range}");
        }
    }
}
