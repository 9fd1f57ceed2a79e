namespace Unlearn.Transforms;

/// <summary>Training rows and seed of one of several targets; see <see cref="TorchRecipe.TrainMany"/>.</summary>
public readonly record struct TrainingSpec
{
    /// <summary>Positions of the rows to train on.</summary>
    public required ReadOnlyMemory<int> Positions { get; init; }

    /// <summary>Seed of initialization, order and every other random draw.</summary>
    public required long Seed { get; init; }
}
