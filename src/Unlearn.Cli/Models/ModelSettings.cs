using Unlearn.Transforms;

namespace Unlearn.Cli.Models;

/// <summary>What a user says of a model, and of its training; <see langword="null"/> for what the model has by default.</summary>
/// <param name="Epochs">Passes over the rows.</param>
/// <param name="Hidden">Widths of hidden layers.</param>
/// <param name="Width">Channels of the first of ResNet-18's stages.</param>
/// <param name="BatchSize">Rows of a step.</param>
/// <param name="LearningRate">Learning rate.</param>
/// <param name="Device">Where a network computes.</param>
/// <param name="Stack">Models that are trained at once, where the network can be stacked.</param>
internal sealed record ModelSettings(
    int? Epochs = null, IReadOnlyList<int>? Hidden = null, int? Width = null, int? BatchSize = null, double? LearningRate = null,
    TorchDevice? Device = null, int Stack = 1);
