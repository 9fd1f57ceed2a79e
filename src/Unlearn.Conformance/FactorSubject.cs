using Microsoft.ML;
using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>A hardness factor to check, on a target and its rows.</summary>
public sealed record FactorSubject
{
    /// <summary>The factor. To be saved and loaded, it must be registered by <see cref="HardnessFactors.Register"/>.</summary>
    public required IHardnessFactor Factor { get; init; }

    /// <summary>The trained target.</summary>
    public required ITarget Target { get; init; }

    /// <summary>What reference models say of the rows, for factors of tier T3; <see langword="null"/> for none. A trace comes with the target.</summary>
    public ReferenceModels? References { get; init; }

    /// <summary>Creates the training rows: columns <c>RowId</c> (text), <c>Features</c> and <c>Label</c>, at least 10 rows; the same each time.</summary>
    public required Func<MLContext, IDataView> CreateData { get; init; }

    /// <summary>See <see cref="EstimatorSubject.Tolerance"/>.</summary>
    /// <value>Default 1e-5.</value>
    public double Tolerance { get; init; } = 1e-5;
}
