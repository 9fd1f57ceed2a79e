namespace Unlearn.Transforms;

/// <summary>How to train a target from rows and a seed. It holds everything that retraining needs.</summary>
public interface ITrainingRecipe
{
    /// <summary>
    /// Canonical text of every setting that affects the trained model. It is part of a trial's identity: two recipes with the same text train the same model.
    /// </summary>
    string Specification { get; }

    /// <summary>Trains a target on some of the rows. The same rows, positions and seed give the same model, bit for bit, on one kind of machine.</summary>
    /// <param name="rows">The rows; they are shared, never changed or copied.</param>
    /// <param name="positions">Positions of the rows to train on, in <paramref name="rows"/>.</param>
    /// <param name="seed">Seed of initialization, order and every other random draw.</param>
    /// <param name="progress">Gets a report after every epoch; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The rows do not fit the recipe: the number of features or classes differs, or there are no positions.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    ITarget Train(
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default);
}
