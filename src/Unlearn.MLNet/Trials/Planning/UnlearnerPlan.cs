using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;

namespace Unlearn.MLNet;

/// <summary>How many trials of an unlearner a study runs.</summary>
public sealed record UnlearnerPlan
{
    internal const double DefaultForgetShare = 0.3;

    /// <summary>The unlearner.</summary>
    public required IUnlearner Unlearner { get; init; }

    /// <summary>Number of trials, an even number from 2: half of them make up each half. Of single rows, the number of trials of each row.</summary>
    public required int Trials { get; init; }

    /// <summary>
    /// Share of the rows that one group trial forgets, in (0, 1). A large share leaves each row out often, so that few trials are enough. An
    /// approximate unlearner has the share of the retrain pool that judges it: models that lack more rows are less sure of every row.
    /// </summary>
    /// <value>Default 0.3.</value>
    public double ForgetShare { get; init; } = DefaultForgetShare;

    /// <summary>Whether a trial forgets a group or a single row.</summary>
    internal TrialMode Mode { get; init; }

    /// <summary>A plan that forgets one row at a time.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="trialsPerRow">How often each row is forgotten, an even number from 2: half of them in each half.</param>
    public static UnlearnerPlan SingleRows(IUnlearner unlearner, int trialsPerRow) =>
        new() { Unlearner = unlearner, Trials = trialsPerRow, Mode = TrialMode.SingleRow };

    /// <summary>Plans the trials.</summary>
    /// <exception cref="ArgumentException">Number or share are outside their range.</exception>
    internal TrialPlan ToTrials(TrialContext context, IReadOnlyList<string> ids, long seed)
    {
        if (Mode == TrialMode.Group)
            return TrialPlanner.Plan(Unlearner.Name, context, ids, Trials, ForgetShare, seed);
        if (Trials < 2 || Trials % 2 != 0)
            throw new ArgumentException(
                $"{Trials} trials of each row of {Unlearner.Name} were asked for: ask for an even number from 2, half of them in each half.");
        return TrialPlanner.PlanSingleRows(Unlearner.Name, context, ids, Trials / 2, seed);
    }
}
