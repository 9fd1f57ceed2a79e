using Unlearn.MLNet.Studies;

namespace Unlearn.MLNet;

/// <summary>What a study will cost, extrapolated from parts of it that were timed: see <see cref="HardnessStudy.EstimateAsync"/>.</summary>
public sealed record StudyEstimate
{
    /// <summary>Number of workers that run trials at once.</summary>
    public required int Workers { get; init; }

    /// <summary>Seconds of each stage.</summary>
    public required IReadOnlyDictionary<StudyStage, double> Seconds { get; init; }

    /// <summary>Seconds of one worker for all trials of each unlearner. Trials of single rows are in <see cref="Seconds"/> alone.</summary>
    public IReadOnlyDictionary<string, double> WorkerSeconds => Unlearners.ToDictionary(of => of.Unlearner, of => of.WorkerSeconds);

    /// <summary>
    /// Whether approximate unlearners were calibrated, so that their trials were timed at the strength that the study will use; or at that of the sample,
    /// where <see cref="SampledRows"/> has a value, which may be another one. A calibration of more than a minute is counted, not run; trials of
    /// approximate unlearners may then take several times as long, or a part.
    /// </summary>
    public required bool IsCalibrated { get; init; }

    /// <summary>
    /// Rows of the larger of two samples that calibration and trials were timed on, and extrapolated from; <see langword="null"/> where trials on all rows
    /// were timed, since they are quick.
    /// </summary>
    public int? SampledRows { get; init; }

    /// <summary>Peak physical memory of the process, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Size of the ledger, in bytes.</summary>
    public required long LedgerBytes { get; init; }

    /// <summary>Seconds that the estimate took.</summary>
    public required double EstimationSeconds { get; init; }

    /// <summary>The trials of each unlearner, in the order of the study.</summary>
    internal IReadOnlyList<UnlearnerEstimate> Unlearners { get; init; } = [];

    /// <summary>Seconds of the whole study.</summary>
    public double TotalSeconds => Seconds.Values.Sum();

    /// <summary>
    /// Seconds of the whole study with another number of workers as fast as these, on this machine or on others. Trials run on all of them; the other
    /// stages run on one machine and take what they take here. No trial is shared, so more workers than batches gain nothing.
    /// </summary>
    /// <param name="workers">Number of workers, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No worker.</exception>
    public double SecondsWith(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        var others = TotalSeconds - Seconds.GetValueOrDefault(StudyStage.Trials);
        var longest = Unlearners.Count == 0 ? 0 : Unlearners.Max(of => of.SecondsPerBatch);
        return others + Math.Max(longest, Seconds.GetValueOrDefault(StudyStage.Trials) * Workers / workers);
    }
}
