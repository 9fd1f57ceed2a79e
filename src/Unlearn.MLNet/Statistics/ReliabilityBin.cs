namespace Unlearn.MLNet.Statistics;

/// <summary>Rows with a predicted probability of being hard in one bin.</summary>
internal readonly record struct ReliabilityBin
{
    /// <summary>Lower edge of the bin, in [0, 1).</summary>
    public required double Low { get; init; }

    /// <summary>Upper edge of the bin, in (0, 1].</summary>
    public required double High { get; init; }

    /// <summary>Number of rows in the bin, at least 1: bins without rows are left out.</summary>
    public required int Rows { get; init; }

    /// <summary>Mean predicted probability of the rows, in [0, 1].</summary>
    public required double Predicted { get; init; }

    /// <summary>Share of the rows that are hard, in [0, 1].</summary>
    public required double Observed { get; init; }
}
