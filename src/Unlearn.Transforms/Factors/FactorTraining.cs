namespace Unlearn.Transforms;

/// <summary>The data that a statistic may learn from.</summary>
public sealed class FactorTraining
{
    private readonly Action _checkAlive;

    internal FactorTraining(
        IEnumerable<FactorBatch> batches, long rowCount, ITarget target, TrainingTrace? trace, ReferenceModels? references, long seed, string? storeFolder,
        Action checkAlive, int? approximateNeighborsFrom = null)
    {
        ApproximateNeighborsFrom = approximateNeighborsFrom;
        StoreFolder = storeFolder;
        _checkAlive = checkAlive;
        Batches = batches;
        RowCount = rowCount;
        Target = target;
        Trace = trace;
        References = references;
        Seed = seed;
    }

    /// <summary>
    /// The training rows in batches. It may be enumerated several times; each batch is valid until the next. After each batch the fit ends if it was told to
    /// stop.
    /// </summary>
    public IEnumerable<FactorBatch> Batches { get; }

    /// <summary>Number of training rows.</summary>
    public long RowCount { get; }

    /// <summary>The target.</summary>
    public ITarget Target { get; }

    /// <summary>Trace of the target's training; present for factors of tier <see cref="FactorTier.T2"/>.</summary>
    public TrainingTrace? Trace { get; }

    /// <summary>Predictions of models trained on random subsets of the rows; present for factors of tier <see cref="FactorTier.T3"/>.</summary>
    public ReferenceModels? References { get; }

    /// <summary>Seed of any random draw.</summary>
    public long Seed { get; }

    /// <summary>Where numbers of all rows are to be kept; <see langword="null"/> for memory.</summary>
    internal string? StoreFolder { get; }

    /// <summary>Number of rows from which neighbors may be found approximately; <see langword="null"/> for never.</summary>
    internal int? ApproximateNeighborsFrom { get; }

    /// <summary>To be called where a fit computes for long without taking a batch.</summary>
    /// <exception cref="OperationCanceledException">The fit was told to stop, by its token or by the ML context.</exception>
    internal void CheckAlive() => _checkAlive();
}
