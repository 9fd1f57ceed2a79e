using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet;

/// <summary>Whether predicted probabilities mean what they say: of the rows predicted to be hard with 30 %, 30 % should be.</summary>
public sealed record Calibration
{
    /// <summary>Brier score Σ (p − y)² / n (Brier 1950), in [0, 1]; lower is better.</summary>
    public required double Brier { get; init; }

    /// <summary>1 − Brier / (q (1 − q)) with q the share of hard rows: 1 is perfect, 0 no better than predicting q for every row.</summary>
    public required double BrierSkill { get; init; }

    /// <summary>Σ over bins of |observed − predicted| weighted by rows (Naeini, Cooper and Hauskrecht 2015), in [0, 1]; lower is better.</summary>
    public required double ExpectedCalibrationError { get; init; }

    /// <summary>Bins of equal width that hold rows, in ascending order: a reliability diagram.</summary>
    internal IReadOnlyList<ReliabilityBin> Bins { get; init; } = [];

    /// <summary>Measures the calibration of predictions on rows that the model never saw.</summary>
    /// <param name="probabilities">Predicted probability of each row to be hard, in [0, 1].</param>
    /// <param name="labels">Label of each row.</param>
    /// <param name="bins">Number of bins, from 2.</param>
    /// <exception cref="ArgumentException">The lengths differ, there is no row, or a probability is not in [0, 1].</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bins"/> is below 2.</exception>
    public static Calibration Of(IReadOnlyList<double> probabilities, IReadOnlyList<bool> labels, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        if (probabilities.Count != labels.Count || labels.Count == 0)
            throw new ArgumentException(
                $"There are {probabilities.Count} probabilities and {labels.Count} labels; both must be one per row, and there must be rows.", nameof(labels));
        for (var row = 0; row < probabilities.Count; row++)
            if (!(probabilities[row] >= 0 && probabilities[row] <= 1))
                throw new ArgumentException($"The probability at index {row} is {probabilities[row]}, which is not in [0, 1].", nameof(probabilities));

        var share = labels.Count(hard => hard) / (double)labels.Count;
        var brier = probabilities.Zip(labels, (p, hard) => Math.Pow(p - (hard ? 1 : 0), 2)).Average();
        ReliabilityBin[] filled =
        [
            .. probabilities.Zip(labels).GroupBy(row => Math.Min(bins - 1, (int)(row.First * bins))).OrderBy(bin => bin.Key).Select(bin => new ReliabilityBin
            {
                Low = bin.Key / (double)bins,
                High = (bin.Key + 1) / (double)bins,
                Rows = bin.Count(),
                Predicted = bin.Average(row => row.First),
                Observed = bin.Count(row => row.Second) / (double)bin.Count(),
            }),
        ];
        return new()
        {
            Brier = brier,
            BrierSkill = share is 0 or 1 ? double.NaN : 1 - brier / (share * (1 - share)),
            ExpectedCalibrationError = filled.Sum(bin => bin.Rows * Math.Abs(bin.Observed - bin.Predicted)) / labels.Count,
            Bins = filled,
        };
    }
}
