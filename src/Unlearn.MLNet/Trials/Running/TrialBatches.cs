namespace Unlearn.MLNet.Trials.Running;

/// <summary>Trials in the batches in which they are run. A trial's batch follows from the trial alone.</summary>
internal static class TrialBatches
{
    /// <summary>The trials in their batches.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="procedure">Carries them out.</param>
    public static IReadOnlyList<IReadOnlyList<TrialSpec>> Of(IEnumerable<TrialSpec> trials, ITrialProcedure procedure) => Of(trials, procedure.BatchSize);

    /// <summary>The trials in their batches.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="batchSize">How many trials of an unlearner run at once, by its name.</param>
    public static IReadOnlyList<IReadOnlyList<TrialSpec>> Of(IEnumerable<TrialSpec> trials, Func<string, int> batchSize)
    {
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. trials.GroupBy(Key).Select(batch => (TrialSpec[])[.. batch])];

        (string, string, int, int, int) Key(TrialSpec trial)
        {
            if (!sizes.TryGetValue(trial.Unlearner, out var size))
                sizes[trial.Unlearner] = size = batchSize(trial.Unlearner);
            return (trial.Unlearner, trial.Context, trial.Half, trial.Index / size, trial.ForgetIds.Count);
        }
    }
}
