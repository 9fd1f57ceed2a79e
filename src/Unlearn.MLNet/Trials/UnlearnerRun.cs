namespace Unlearn.MLNet.Trials;

/// <summary>The trials of one unlearner, with their results and failures.</summary>
internal sealed record UnlearnerRun
{
    /// <summary>The unlearner.</summary>
    public required IUnlearner Unlearner { get; init; }

    /// <summary>Trials of the unlearner.</summary>
    public required TrialPlan Plan { get; init; }

    /// <summary>Results and failures of these trials.</summary>
    public required TrialRun Run { get; init; }

    /// <summary>Place of the run that makes the retrain pool; −1 if none does.</summary>
    /// <param name="runs">The runs of a study.</param>
    internal static int RetrainPoolAt(IReadOnlyList<UnlearnerRun> runs) => runs.ToList().FindIndex(run => run.Unlearner.MakesRetrainPool);

    /// <summary>Splits results and failures by the unlearners of their plans.</summary>
    /// <param name="plans">The plans.</param>
    /// <param name="unlearners">The unlearners, by their names.</param>
    /// <param name="run">Results and failures of the trials of all plans.</param>
    internal static IReadOnlyList<UnlearnerRun> Each(IReadOnlyList<TrialPlan> plans, IReadOnlyDictionary<string, IUnlearner> unlearners, TrialRun run) =>
        [.. plans.Select(plan => new UnlearnerRun { Unlearner = unlearners[plan.Unlearner], Plan = plan, Run = run.Of(plan) })];
}
