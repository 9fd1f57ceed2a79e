namespace Unlearn.Transforms;

/// <summary>What a statistic may learn from.</summary>
public sealed class FactorTraining
{
    internal FactorTraining(IEnumerable<FactorBatch> batches, long rowCount, ITarget target, TrainingTrace? trace, ReferenceModels? references, long seed)
    {
        Batches = batches;
        RowCount = rowCount;
        Target = target;
        Trace = trace;
        References = references;
        Seed = seed;
    }

    /// <summary>The training rows in batches. It may be enumerated several times; each batch is valid until the next.</summary>
    public IEnumerable<FactorBatch> Batches { get; }

    /// <summary>Number of training rows.</summary>
    public long RowCount { get; }

    /// <summary>The target.</summary>
    public ITarget Target { get; }

    /// <summary>What was recorded while the target trained; there for factors of tier <see cref="FactorTier.T2"/>.</summary>
    public TrainingTrace? Trace { get; }

    /// <summary>What models trained on random subsets say of the rows; there for factors of tier <see cref="FactorTier.T3"/>.</summary>
    public ReferenceModels? References { get; }

    /// <summary>Seed of any random draw.</summary>
    public long Seed { get; }
}
