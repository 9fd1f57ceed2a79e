namespace Unlearn.Transforms;

/// <summary>What one of several targets is trained on; see <see cref="TorchRecipe.TrainMany"/>.</summary>
public readonly record struct TrainingSpec
{
    /// <summary>Positions of the rows to train on.</summary>
    public required ReadOnlyMemory<int> Positions { get; init; }

    /// <summary>Seed of initialization, order and every other random draw.</summary>
    public required long Seed { get; init; }
}
