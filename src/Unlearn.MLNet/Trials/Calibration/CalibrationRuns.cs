using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>Carries out the runs of a calibration, except those that the ledger has.</summary>
/// <param name="subject">What the unlearners are measured on.</param>
/// <param name="ledger">Keeps measurements.</param>
/// <param name="context">Gives the context of an unlearner's trials.</param>
/// <param name="seed">Root seed.</param>
/// <param name="workers">Runs at once.</param>
internal sealed class CalibrationRuns(CalibrationSubject subject, ICalibrationLedger ledger, Func<IUnlearner, TrialContext> context, long seed, int workers)
{
    private const string Version = "unlearn-calibration/1";

    /// <summary>Measures unlearners on forget sets, several at once.</summary>
    /// <param name="tasks">Unlearners, their forget sets, the number of the first set, on which seeds depend, and how often each set is forgotten.</param>
    /// <param name="done">Told of every task that is done, from any thread.</param>
    /// <param name="cancellationToken">Stops between two batches of rows; finished runs stay in the ledger.</param>
    /// <returns>For each task the measurements of its forget sets, those of one set in a row.</returns>
    public IReadOnlyList<CalibrationMeasurement[]> Run(
        IReadOnlyList<(IUnlearner Unlearner, IReadOnlyList<int[]> ForgetSets, int First, int Repetitions)> tasks, Action<int>? done,
        CancellationToken cancellationToken)
    {
        CalibrationMeasurement[][] measured = [.. tasks.Select(task => new CalibrationMeasurement[task.ForgetSets.Count * task.Repetitions])];
        // A job holds the repetitions of one set, or the sets of one repetition, as far as the unlearner serves them at once.
        (int Task, int Start, int Count)[] jobs =
        [
            .. tasks.SelectMany((task, number) => Chunks(number, measured[number].Length, task.Repetitions, subject.BatchSize(task.Unlearner))),
        ];
        var left = tasks.Select((_, number) => jobs.Count(job => job.Task == number)).ToArray();
        TorchThreads.RunAll("calibration worker", jobs.Length, workers, number =>
        {
            var job = jobs[number];
            var task = tasks[job.Task];
            var found = Measure(task.Unlearner, task.ForgetSets, task.First, task.Repetitions, job.Start, job.Count, cancellationToken);
            found.CopyTo(measured[job.Task], job.Start);
            if (Interlocked.Decrement(ref left[job.Task]) == 0)
                done?.Invoke(job.Task);
        }, cancellationToken);
        return measured;
    }

    private static IEnumerable<(int Task, int Start, int Count)> Chunks(int task, int all, int repetitions, int batchSize)
    {
        var size = Math.Clamp(repetitions == 1 ? all : repetitions, 1, Math.Max(1, batchSize));
        for (var start = 0; start < all;)
        {
            var end = repetitions == 1 ? all : start - start % repetitions + repetitions;
            var count = Math.Min(size, end - start);
            yield return (task, start, count);
            start += count;
        }
    }

    private CalibrationMeasurement[] Measure(
        IUnlearner unlearner, IReadOnlyList<int[]> sets, int first, int repetitions, int start, int count, CancellationToken cancellationToken)
    {
        var hash = context(unlearner).Hash;
        (int[] Forget, int Set, int Repetition)[] asked =
            [.. Enumerable.Range(start, count).Select(run => (sets[run / repetitions], first + run / repetitions, run % repetitions))];
        string[] ids = [.. asked.Select((run, place) => Id(hash, run.Forget.Length, run.Set, run.Repetition, place, count))];
        var known = Array.ConvertAll(ids, ledger.FindMeasurement);
        if (!Array.TrueForAll(known, text => text is not null))
        {
            var requests = asked.Select(run => (run.Forget, Seed.Derive(seed, $"calibration/{unlearner.Name}", run.Set, run.Repetition)));
            var measured = subject.Run(unlearner, [.. requests], cancellationToken);
            known = [.. ids.Zip(measured, (id, measurement) => ledger.KeepMeasurement(id, unlearner.Name, measurement.ToText()))];
        }
        return Array.ConvertAll(known, text => CalibrationMeasurement.Parse(text!));
    }

    private string Id(string contextHash, int size, params int[] numbers) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        [
            Version,
            .. new long[] { TrialSpec.CodeVersion, seed, size }.Select(number => number.ToString(CultureInfo.InvariantCulture)),
            contextHash,
            .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        ]))));
}
