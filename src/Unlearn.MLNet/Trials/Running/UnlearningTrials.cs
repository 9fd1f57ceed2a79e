namespace Unlearn.MLNet.Trials.Running;

/// <summary>
/// Trials that run unlearners, several at once if an <see cref="IBatchUnlearner"/> asks for it. A batch always has the unlearner's full size. The
/// place of a trial in it is the trial's number modulo this size; places without a trial are filled with copies. So, bit for bit, a trial's result
/// depends only on the trial, not on other trials before it or in its batch.
/// </summary>
/// <param name="subject">The target to unlearn from, with its rows and measurements.</param>
/// <param name="unlearners">The unlearners; trials find them by name.</param>
internal sealed class UnlearningTrials(TrialSubject subject, params IEnumerable<IUnlearner> unlearners) : ITrialProcedure
{
    private readonly TrialSubject _subject = subject ?? throw new ArgumentNullException(nameof(subject));
    private readonly Dictionary<string, IUnlearner> _unlearners = unlearners.ToDictionary(unlearner => unlearner.Name, StringComparer.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is no such unlearner.</exception>
    public int BatchSize(string unlearner) => Find(unlearner) is IBatchUnlearner inBatches ? _subject.BatchSize(inBatches) : 1;

    /// <inheritdoc/>
    public IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trials);
        var unlearner = Find(trials[0].Unlearner);
        return unlearner is IBatchUnlearner inBatches && BatchSize(unlearner.Name) is > 1 and var size
            ? _subject.RunMany(inBatches, trials, size, cancellationToken)
            : [.. trials.Select(trial => TrialAttempt.Of(() => _subject.Run(unlearner, trial, cancellationToken), cancellationToken))];
    }

    private IUnlearner Find(string name) => _unlearners.TryGetValue(name, out var unlearner)
        ? unlearner
        : throw new ArgumentException($"There is no unlearner '{name}' to run trials of, only {string.Join(", ", _unlearners.Keys)}.", nameof(name));
}
