using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.Labeling;

/// <summary>
/// Adds trials in rounds. The rounds end when the labels have so little noise that their oracle ceiling reaches the goal, or when a budget is used up.
/// If an unlearner's ceiling is below the goal, the next round has 50% more of its trials. The retrain pool grows too if an unlearner scored against
/// it is below the goal. Trials in the ledger are not run again. A resumed run makes the same decisions unless it runs out of time.
/// </summary>
/// <param name="run">Runs plans, as <see cref="TrialRunner"/> does. It must not repeat trials that are in the ledger.</param>
/// <param name="options">The goal and the budgets.</param>
/// <param name="time">Clock that measures <see cref="AdaptiveOptions.MaximumTime"/>. Default: the system clock.</param>
internal sealed class AdaptiveTrials(
    Func<IReadOnlyList<TrialPlan>, IProgress<TrialProgress>?, CancellationToken, Task<TrialRun>> run, AdaptiveOptions options, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Runs the rounds.</summary>
    /// <param name="rowIds">Ids of all rows.</param>
    /// <param name="unlearners">The unlearners and their trials in the first round. Each half must forget each row at least once.</param>
    /// <param name="context">Gives the context that all trials of an unlearner share.</param>
    /// <param name="seed">Root seed of the plans.</param>
    /// <param name="progress">Gets a report after every trial, round by round; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops the run; finished trials stay in the ledger.</param>
    /// <exception cref="ArgumentException">
    /// An option or a plan is outside its range, the first round never forgets some row, or it has more trials than
    /// <see cref="AdaptiveOptions.MaximumTrials"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">So many trials failed that a row has no outcome.</exception>
    public async Task<AdaptiveResult> RunAsync(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerPlan> unlearners, Func<IUnlearner, TrialContext> context, long seed,
        IProgress<TrialProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(unlearners);
        ArgumentNullException.ThrowIfNull(context);
        options.Check();
        var pace = new TrialPace(_time, progress);
        var names = unlearners.ToDictionary(plan => plan.Unlearner.Name, plan => plan.Unlearner, StringComparer.Ordinal);
        var plans = ToTrials(unlearners);
        options.CheckFirstRound(plans.Sum(plan => plan.Trials.Count));
        PlanCheck.Coverage(plans);
        var pool = UnlearnerSet.RetrainPoolOf(names.Values);
        List<AdaptiveRound> rounds = [];
        for (var round = 1; ; round++)
        {
            var results = await run(plans, pace, cancellationToken).ConfigureAwait(false);
            var runs = UnlearnerRun.Each(plans, names, results);
            var scores = HardnessScorer.Score(rowIds, runs);
            double[] ceilings = [.. scores.Select(score => Ceiling.Oracle(score, options.HardShare))];
            rounds.AddRange(plans.Zip(
                ceilings, (plan, ceiling) => new AdaptiveRound { Round = round, Unlearner = plan.Unlearner, Trials = plan.Trials.Count, Ceiling = ceiling }));

            unlearners =
            [
                .. unlearners.Select((plan, i) => NeedsMore(plan, i) ? plan with { Trials = plan.Trials + 2 * (int)Math.Ceiling(plan.Trials / 4.0) } : plan),
            ];
            var next = ToTrials(unlearners);
            var seconds = results.Results.Sum(result => result.TotalSeconds);
            var meanSeconds =
                runs.ToDictionary(run => run.Unlearner.Name, run => run.Run.Results.Average(result => result.TotalSeconds), StringComparer.Ordinal);
            pace.EndRound(meanSeconds);
            var more = plans.Zip(next).Sum(pair => (pair.Second.Trials.Count - pair.First.Trials.Count) * meanSeconds[pair.First.Unlearner]);
            if (Stop(ceilings, next, pace.ElapsedWith(more)) is { } reason)
                return new() { StoppedBy = reason, Rounds = rounds, Runs = runs, Scores = scores, Seconds = seconds, Options = options };
            plans = next;

            bool NeedsMore(UnlearnerPlan plan, int i) => ceilings[i] < options.CeilingGoal
                || plan.Unlearner == pool && unlearners.Where((other, j) => !other.Unlearner.IsExact && ceilings[j] < options.CeilingGoal).Any();
        }

        TrialPlan[] ToTrials(IEnumerable<UnlearnerPlan> unlearnerPlans) =>
            [.. unlearnerPlans.Select(plan => plan.ToTrials(context(plan.Unlearner), rowIds, seed))];
    }

    private StopReason? Stop(double[] ceilings, TrialPlan[] next, TimeSpan expected)
    {
        if (Array.TrueForAll(ceilings, ceiling => ceiling >= options.CeilingGoal))
            return StopReason.Goal;
        if (next.Sum(plan => plan.Trials.Count) > options.MaximumTrials)
            return StopReason.Trials;
        return expected > options.MaximumTime ? StopReason.Time : null;
    }
}
