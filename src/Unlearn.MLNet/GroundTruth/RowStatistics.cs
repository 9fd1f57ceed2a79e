namespace Unlearn.MLNet.GroundTruth;

/// <summary>Count, mean and variance of a number of each row, and the same without one of the values.</summary>
internal sealed class RowStatistics(int rows)
{
    private readonly int[] _counts = new int[rows];
    private readonly double[] _sums = new double[rows];
    private readonly double[] _means = new double[rows];
    private readonly double[] _squares = new double[rows]; // Σ (x − mean)², by Welford

    /// <summary>Adds a value of a row.</summary>
    public void Add(int row, double value)
    {
        _sums[row] += value;
        var delta = value - _means[row];
        _means[row] += delta / ++_counts[row];
        _squares[row] += delta * (value - _means[row]);
    }

    /// <summary>Number of values of a row.</summary>
    public int Count(int row) => _counts[row];

    /// <summary>Mean of a row; NaN without a value.</summary>
    public double Mean(int row) => _counts[row] == 0 ? double.NaN : _sums[row] / _counts[row];

    /// <summary>Sample variance of a row; NaN for fewer than 2 values.</summary>
    public double Variance(int row) => _counts[row] < 2 ? double.NaN : Math.Max(0, _squares[row]) / (_counts[row] - 1);

    /// <summary>Squared standard error of the mean of a row; NaN for fewer than 2 values.</summary>
    public double SquaredError(int row) => Variance(row) / _counts[row];

    /// <summary>Count, mean and variance of a row without one of its values.</summary>
    public (int Count, double Mean, double Variance) Without(int row, double? value)
    {
        if (value is not { } left)
            return (Count(row), Mean(row), Variance(row));
        var count = _counts[row] - 1;
        var mean = count == 0 ? double.NaN : (_sums[row] - left) / count;
        return (count, mean, count < 2 ? double.NaN : Math.Max(0, _squares[row] - (left - mean) * (left - _means[row])) / (count - 1));
    }

    /// <summary>Mean of the rows' variances; NaN where no row has one.</summary>
    public double MeanVariance()
    {
        var variances = Enumerable.Range(0, rows).Select(Variance).Where(variance => !double.IsNaN(variance)).ToList();
        return variances.Count == 0 ? double.NaN : variances.Average();
    }
}
