namespace Unlearn.MLNet.Trials.Running;

/// <summary>Trials in the batches in which they are run. A trial's batch follows from the trial alone.</summary>
internal sealed class TrialBatches
{
    private readonly Dictionary<string, IReadOnlyList<TrialSpec>> _byFirst;

    /// <param name="trials">The trials.</param>
    /// <param name="procedure">Carries them out.</param>
    public TrialBatches(IEnumerable<TrialSpec> trials, ITrialProcedure procedure)
    {
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        IReadOnlyList<TrialSpec>[] batches = [.. trials.GroupBy(Key).Select(batch => (TrialSpec[])[.. batch])];
        _byFirst = batches.ToDictionary(batch => batch[0].Id, StringComparer.Ordinal);
        First = [.. batches.Select(batch => batch[0])];

        (string, string, int, int, int) Key(TrialSpec trial)
        {
            if (!sizes.TryGetValue(trial.Unlearner, out var size))
                sizes[trial.Unlearner] = size = procedure.BatchSize(trial.Unlearner);
            return (trial.Unlearner, trial.Context, trial.Half, trial.Index / size, trial.ForgetIds.Count);
        }
    }

    /// <summary>The first trial of each batch.</summary>
    public IReadOnlyList<TrialSpec> First { get; }

    /// <summary>The batch that a trial is the first of.</summary>
    public IReadOnlyList<TrialSpec> Of(TrialSpec first) => _byFirst[first.Id];
}
