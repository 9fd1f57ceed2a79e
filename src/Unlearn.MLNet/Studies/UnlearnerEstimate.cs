namespace Unlearn.MLNet.Studies;

/// <summary>What the trials of an unlearner will cost.</summary>
internal sealed record UnlearnerEstimate
{
    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Number of trials.</summary>
    public required int Trials { get; init; }

    /// <summary>Number of batches in which the trials run: trials of a stack run at once.</summary>
    public required int Batches { get; init; }

    /// <summary>Seconds that a worker needs for a batch while the other workers run one as well, measurements and the ledger included.</summary>
    public required double SecondsPerBatch { get; init; }

    /// <summary>Processor seconds of a batch on each worker.</summary>
    public double CpuSecondsPerRound { get; init; }

    /// <summary>Size of a trial's result, in bytes.</summary>
    public double BytesPerTrial { get; init; }

    /// <summary>Seconds of one worker for all trials.</summary>
    public double WorkerSeconds => Batches * SecondsPerBatch;
}
