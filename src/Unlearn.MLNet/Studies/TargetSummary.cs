namespace Unlearn.MLNet;

/// <summary>The target model in figures.</summary>
/// <param name="Description">The recipe in words.</param>
/// <param name="Parameters">Number of parameters; <see langword="null"/> for a model that does not show them.</param>
/// <param name="Rows">Training rows.</param>
/// <param name="TestRows">Test rows.</param>
/// <param name="TrainAccuracy">Accuracy on the training rows, in [0, 1].</param>
/// <param name="TestAccuracy">Accuracy on the test rows, in [0, 1].</param>
public sealed record TargetSummary(string Description, long? Parameters, int Rows, int TestRows, double TrainAccuracy, double TestAccuracy);
