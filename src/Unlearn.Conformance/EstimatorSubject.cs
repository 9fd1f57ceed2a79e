using Microsoft.ML;

namespace Unlearn.Conformance;

/// <summary>An estimator to check, with data to check it on.</summary>
public sealed record EstimatorSubject
{
    /// <summary>Creates the estimator; the same context gives the same one.</summary>
    public required Func<MLContext, IEstimator<ITransformer>> CreateEstimator { get; init; }

    /// <summary>Creates data of at least 10 rows; the same rows each time.</summary>
    public required Func<MLContext, IDataView> CreateData { get; init; }

    /// <summary>A text column of the data with an id of its own for every row.</summary>
    /// <value>Default <c>RowId</c>.</value>
    public string RowIdColumnName { get; init; } = "RowId";

    /// <summary>Columns that the estimator reads.</summary>
    public required IReadOnlyList<string> InputColumnNames { get; init; }

    /// <summary>Columns that the estimator adds: <see cref="float"/>, or known-size vectors of it.</summary>
    public required IReadOnlyList<string> OutputColumnNames { get; init; }

    /// <summary>Largest difference, relative to the value and at least 1, between values of one row that were computed in different batches.</summary>
    /// <value>Default 1e-5: matrix products of other shapes round differently.</value>
    public double Tolerance { get; init; } = 1e-5;
}
