namespace Unlearn.Transforms.Torch.Training.Steps;

/// <summary>The recipe settings that training steps depend on. The members have the same meaning as in <c>TorchRecipe</c>.</summary>
internal sealed record StepSettings
{
    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required OptimizerKind Optimizer { get; init; }

    public required double LearningRate { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    public required double Momentum { get; init; }

    public required double WeightDecay { get; init; }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="steps">Steps in all.</param>
    public double LearningRateAt(int step, int steps) =>
        Schedule == LearningRateSchedule.Constant ? LearningRate : LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
}
