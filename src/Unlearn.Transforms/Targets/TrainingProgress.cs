namespace Unlearn.Transforms;

/// <summary>Where a training stands after an epoch.</summary>
public readonly record struct TrainingProgress
{
    /// <summary>Number of epochs that are finished, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Number of epochs in all.</summary>
    public required int Epochs { get; init; }

    /// <summary>Mean cross-entropy of the epoch, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of rows classified rightly during the epoch, in [0, 1].</summary>
    public required double Accuracy { get; init; }
}
