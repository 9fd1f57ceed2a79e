namespace Unlearn.Transforms;

/// <summary>What one of several targets is trained on; see <see cref="TorchRecipe.TrainMany"/>.</summary>
/// <param name="Positions">Positions of the rows to train on.</param>
/// <param name="Seed">Seed of initialisation, order and every other random draw.</param>
public readonly record struct TrainingSpec(ReadOnlyMemory<int> Positions, long Seed);
