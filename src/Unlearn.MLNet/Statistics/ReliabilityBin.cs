namespace Unlearn.MLNet;

/// <summary>Rows whose predicted probability of being hard lies in one bin.</summary>
/// <param name="Low">Lower edge of the bin, in [0, 1).</param>
/// <param name="High">Upper edge of the bin, in (0, 1].</param>
/// <param name="Rows">Number of rows, at least 1: bins without rows are left out.</param>
/// <param name="Predicted">Mean predicted probability of the rows.</param>
/// <param name="Observed">Share of the rows that are hard.</param>
public readonly record struct ReliabilityBin(double Low, double High, int Rows, double Predicted, double Observed);
