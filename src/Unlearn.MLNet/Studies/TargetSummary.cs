namespace Unlearn.MLNet;

/// <summary>The target model in figures.</summary>
public sealed record TargetSummary
{
    /// <summary>The recipe in words.</summary>
    public required string Description { get; init; }

    /// <summary>Number of parameters; <see langword="null"/> for a model that does not show them.</summary>
    public long? Parameters { get; init; }

    /// <summary>Number of training rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of test rows.</summary>
    public required int TestRows { get; init; }

    /// <summary>Accuracy of the target on the training rows, in [0, 1].</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Accuracy of the target on the test rows, in [0, 1].</summary>
    public required double TestAccuracy { get; init; }
}
