namespace Unlearn.MLNet;

/// <summary>Area under a ROC curve with its 95 % confidence interval.</summary>
/// <param name="Value">The area, in [0, 1].</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public readonly record struct AucEstimate(double Value, double Low, double High);
