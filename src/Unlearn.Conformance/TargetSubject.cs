using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>A target to check, with rows to ask it for.</summary>
public sealed record TargetSubject
{
    /// <summary>Creates the target, the same one each time; the checks dispose it.</summary>
    public required Func<ITarget> CreateTarget { get; init; }

    /// <summary>Its training rows, at least 10.</summary>
    public required TrainingRows Rows { get; init; }

    /// <summary>Largest difference, relative to the value and at least 1, between answers for one row that were computed in different batches.</summary>
    /// <value>Default 1e-5: matrix products of other shapes round differently.</value>
    public double Tolerance { get; init; } = 1e-5;
}
