using Unlearn.MLNet.Trials;

namespace Unlearn.Distributed.Jobs;

/// <summary>
/// Deals batches of trials into jobs. A job costs the database and its worker about ten milliseconds beside its trials, so short trials share a job.
/// How long trials are is not known beforehand: an unlearner's first batches get a job each, and the others follow when one of these has finished.
/// </summary>
/// <param name="batches">The batches, in the order in which they should run.</param>
internal sealed class BatchDealer(IReadOnlyList<IReadOnlyList<TrialSpec>> batches)
{
    /// <summary>Seconds that the trials of a job take together, where one batch takes no longer.</summary>
    public const double JobSeconds = 2;

    /// <summary>After this time with a worker and without a result, trials are taken for long ones.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Jobs that each worker gets at the least, so that none idles for long at the end.
    private const int JobsPerWorker = 4;
    private const int TimedPerWorker = 2;

    private readonly Dictionary<string, Queue<IReadOnlyList<TrialSpec>>> _waiting =
        batches.GroupBy(batch => batch[0].Unlearner).ToDictionary(group => group.Key, group => new Queue<IReadOnlyList<TrialSpec>>(group));

    private readonly Dictionary<string, int> _timed = [];

    /// <summary>Whether all batches have been dealt.</summary>
    public bool IsDone => _waiting.Count == 0;

    /// <summary>The jobs that should be added now.</summary>
    /// <param name="workers">Jobs that run at once.</param>
    /// <param name="waited">Time since the first worker was seen.</param>
    /// <param name="meanSeconds">Mean seconds of an unlearner's finished trials; <see langword="null"/> before the first.</param>
    /// <returns>Ids of the trials of each job.</returns>
    public IReadOnlyList<string[]> Deal(int workers, TimeSpan waited, Func<string, double?> meanSeconds)
    {
        List<string[]> jobs = [];
        foreach (var (unlearner, waiting) in _waiting.ToList())
        {
            var (count, size) = meanSeconds(unlearner) is { } seconds ? (waiting.Count, BatchesOfJob(waiting, seconds, workers))
                : waited >= Patience ? (waiting.Count, 1)
                : (Math.Min(waiting.Count, TimedPerWorker * Math.Max(1, workers) - _timed.GetValueOrDefault(unlearner)), 1);
            var dealt = Enumerable.Range(0, Math.Max(0, count)).Select(_ => waiting.Dequeue()).ToList();
            _timed[unlearner] = _timed.GetValueOrDefault(unlearner) + dealt.Count;
            jobs.AddRange(dealt.Chunk(size).Select(Ids));
            if (waiting.Count == 0)
                _waiting.Remove(unlearner);
        }
        return jobs;
    }

    private static int BatchesOfJob(Queue<IReadOnlyList<TrialSpec>> waiting, double seconds, int workers)
    {
        var fair = waiting.Count / (JobsPerWorker * Math.Max(1, workers));
        var full = JobSeconds / Math.Max(1e-9, seconds * waiting.Peek().Count);
        return (int)Math.Clamp(full, 1, Math.Max(1, fair));
    }

    private static string[] Ids(IReadOnlyList<TrialSpec>[] batches) => [.. batches.SelectMany(batch => batch).Select(trial => trial.Id)];
}
