namespace Unlearn.MLNet.Triage;

/// <summary>What a hardness model says of a row.</summary>
/// <param name="HardProbability">Probability of being hard.</param>
/// <param name="Memory">Residual memory by approximate method: predicted, and its upper bound.</param>
internal sealed record RowPrediction(float HardProbability, IReadOnlyDictionary<string, (float Predicted, float Bound)> Memory);
