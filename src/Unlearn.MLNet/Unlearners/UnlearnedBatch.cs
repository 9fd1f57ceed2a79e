using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>What a batch of requests gave: models that are handed over one by one, so that no more of them than are looked at need to be whole at a time.</summary>
/// <param name="count">Number of requests, from 1.</param>
/// <param name="take">Hands over the model of the request of a number from 0, as the caller's own; throws where that one has none.</param>
/// <param name="dispose">Frees what is left.</param>
public sealed class UnlearnedBatch(int count, Func<int, UnlearnedModel> take, Action dispose) : IDisposable
{
    /// <summary>A batch of models that are all there already.</summary>
    /// <param name="models">What each request gave; the batch takes them over.</param>
    /// <param name="failures">Why a request's model is none to hand over; <see langword="null"/> for all others.</param>
    internal static UnlearnedBatch Of(IReadOnlyList<UnlearnedModel> models, IReadOnlyList<Exception?> failures)
    {
        var left = models.ToList<UnlearnedModel?>();
        return new(models.Count, Take, () => left.ForEach(model => model?.Dispose()));

        UnlearnedModel Take(int index)
        {
            if (failures[index] is { } failure)
                throw failure;
            var model = left[index] ?? throw new InvalidOperationException($"Model {index} was taken before.");
            left[index] = null;
            return model;
        }
    }

    /// <summary>Number of requests.</summary>
    public int Count => count;

    /// <summary>Hands over a model; each once.</summary>
    /// <param name="index">Number of the request, from 0.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">This request does not suit the algorithm; the others may.</exception>
    /// <exception cref="TrainingDivergedException">This model diverged; the others may not have.</exception>
    public UnlearnedModel Take(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        return take(index);
    }

    /// <inheritdoc/>
    public void Dispose() => dispose();
}
