using Unlearn.Transforms;

namespace Unlearn.MLNet.Trials.Planning;

/// <summary>Plans trials: which rows each of them forgets, and its seed.</summary>
internal static class TrialPlanner
{
    /// <summary>
    /// Plans the trials of one unlearner. Each half deals its forget sets from its own deck of rows. So, within a half, the number of times that a row is
    /// forgotten differs by at most one between rows. The same arguments give the same plan on every platform, and the forget sets do not
    /// depend on the order of the ids. A larger number of trials extends a plan: the trials of the smaller plan stay the same.
    /// </summary>
    /// <param name="unlearner">Name of the unlearner, as in <see cref="IUnlearner.Name"/>; plans of different unlearners are independent.</param>
    /// <param name="context">What all trials of the plan share.</param>
    /// <param name="ids">Ids of all rows that may be forgotten, at least 2, none twice. Each trial lists its rows in this order.</param>
    /// <param name="trials">Number of trials of both halves together, at least 2. If it is odd, half 0 gets one more.</param>
    /// <param name="forgetShare">Share of the rows that one trial forgets, in (0, 1); rounded to whole rows, at least 1 and fewer than all.</param>
    /// <param name="seed">Root seed. The decks and the seeds of the trials are derived from it.</param>
    /// <exception cref="ArgumentException">An argument is outside its range; the message names it, its value and a remedy.</exception>
    public static TrialPlan Plan(string unlearner, TrialContext context, IReadOnlyList<string> ids, int trials, double forgetShare, long seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(unlearner);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count < 2)
            throw new ArgumentException($"There are {ids.Count} rows to plan trials for: give at least 2, one to forget and one to retain.", nameof(ids));
        if (trials < 2)
            throw new ArgumentException(Invariant($"{trials} trials of {unlearner} were asked for: ask for at least 2, one in each half."), nameof(trials));
        return Deal(unlearner, context, new(ids, trials, GroupSize(ids.Count, forgetShare), seed), [new("forget share", Invariant($"{forgetShare}"))]);
    }

    /// <summary>
    /// Plans trials that forget one row each (the instance-level setting). Each half forgets every row equally often, with another seed each time.
    /// Otherwise it is like <see cref="Plan"/>. More repetitions extend a plan.
    /// </summary>
    /// <param name="unlearner">Name of the unlearner.</param>
    /// <param name="context">What all trials of the plan share.</param>
    /// <param name="ids">Ids of the rows to forget, at least 2, none twice: all rows, or some.</param>
    /// <param name="repetitions">Number of times that each half forgets each row, from 1.</param>
    /// <param name="seed">Root seed.</param>
    /// <exception cref="ArgumentException">An argument is outside its range; the message names it, its value and a remedy.</exception>
    public static TrialPlan PlanSingleRows(string unlearner, TrialContext context, IReadOnlyList<string> ids, int repetitions, long seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(unlearner);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count < 2)
            throw new ArgumentException($"There are {ids.Count} rows to plan trials for: give at least 2.", nameof(ids));
        if (repetitions < 1)
            throw new ArgumentException(
                Invariant($"{repetitions} repetitions of single-row trials of {unlearner} were asked for: ask for at least 1."), nameof(repetitions));
        return Deal(unlearner, context, new(ids, checked(2 * repetitions * ids.Count), GroupSize: 1, seed), [new("forget set", "single rows")]);
    }

    /// <summary>Deals the trials of a plan, or deals them again: the same ones, on every platform.</summary>
    /// <param name="unlearner">Name of the unlearner.</param>
    /// <param name="context">What all trials of the plan share.</param>
    /// <param name="deal">How they are dealt.</param>
    /// <param name="forgetSets">Their forget sets in words.</param>
    public static TrialPlan Deal(string unlearner, TrialContext context, TrialDeal deal, params IEnumerable<KeyValuePair<string, string>> forgetSets)
    {
        var (ids, trials, groupSize, seed) = deal;
        var positions = PositionsById(ids);
        var specs = new TrialSpec[trials];
        var minimumCoverage = new int[2];
        for (var half = 0; half < 2; half++)
        {
            var deck = new RowDeck(positions, permutation => Seed.Derive(seed, $"deck/{unlearner}", half, permutation));
            for (var (index, trial) = (0, half); trial < trials; index++, trial += 2)
            {
                string[] forget = [.. deck.Deal(groupSize).Order().Select(position => ids[position])];
                specs[trial] = new TrialSpec(unlearner, context.Hash, half, index, forget, Seed.Derive(seed, $"trial/{unlearner}", half, index));
            }
            minimumCoverage[half] = deck.MinimumCoverage;
        }
        var described = context.With([
            .. forgetSets,
            new("seed", Invariant($"{seed}")),
            new("code version", Invariant($"{TrialSpec.CodeVersion}")),
        ]);
        return new TrialPlan(unlearner, described, deal, specs, minimumCoverage);
    }

    /// <summary>Number of rows that one group trial forgets.</summary>
    /// <exception cref="ArgumentException">The share rounds to no row or to all.</exception>
    public static int GroupSize(int rows, double forgetShare)
    {
        if (!(forgetShare > 0 && forgetShare < 1))
            throw new ArgumentException(
                Invariant($"A forget share of {forgetShare} was asked for: it must lie between 0 and 1, both excluded, such as 0.1 for a tenth of the rows."),
                nameof(forgetShare));
        var size = (int)Math.Round(forgetShare * rows, MidpointRounding.AwayFromZero);
        if (size == 0)
            throw new ArgumentException(
                Invariant($"A forget share of {forgetShare} of {rows} rows rounds to no row: ask for at least {1.0 / rows}, one row."), nameof(forgetShare));
        if (size == rows)
            throw new ArgumentException(Invariant($"A forget share of {forgetShare} of {rows} rows rounds to all of them: ")
                + Invariant($"ask for at most {(rows - 1.0) / rows}, so that one row is retained."), nameof(forgetShare));
        return size;
    }

    /// <summary>
    /// Positions of the rows in the order of their ids: rows are dealt by id, so that the forget sets do not depend on the order of the rows.
    /// </summary>
    /// <exception cref="ArgumentException">An id occurs twice.</exception>
    public static int[] PositionsById(IReadOnlyList<string> ids)
    {
        int[] positions = [.. Enumerable.Range(0, ids.Count).OrderBy(position => ids[position], StringComparer.Ordinal)];
        for (var i = 1; i < positions.Length; i++)
            if (ids[positions[i]] == ids[positions[i - 1]])
                throw new ArgumentException($"Row id '{ids[positions[i]]}' occurs twice: ids must be unique; drop or rename one of the rows.", nameof(ids));
        return positions;
    }
}
