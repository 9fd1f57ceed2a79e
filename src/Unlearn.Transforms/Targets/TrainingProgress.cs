namespace Unlearn.Transforms;

/// <summary>Where a training stands after an epoch.</summary>
/// <param name="Epoch">Epochs finished, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Loss">Mean cross-entropy of the epoch, in nats.</param>
/// <param name="Accuracy">Share of rows classified rightly during the epoch, in [0, 1].</param>
public readonly record struct TrainingProgress(int Epoch, int Epochs, double Loss, double Accuracy);
