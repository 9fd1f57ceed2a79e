using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// The results of a batch of requests. The caller takes the models one by one, so that only the model in use needs to be in memory as a separate
/// model.
/// </summary>
/// <param name="count">Number of requests, from 1.</param>
/// <param name="take">Gives the model of the request with a number from 0; the caller owns it. It throws if this request has no model.</param>
/// <param name="dispose">Frees everything that was not taken.</param>
public sealed class UnlearnedBatch(int count, Func<int, UnlearnedModel> take, Action dispose) : IDisposable
{
    /// <summary>A batch of finished models.</summary>
    /// <param name="models">The model of each request; the batch owns them from now on.</param>
    /// <param name="failures">For each request, why it has no usable model; <see langword="null"/> if it has one.</param>
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

    /// <summary>Gives the model of a request to the caller. Each model can be taken once.</summary>
    /// <param name="index">Number of the request, from 0.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">This request does not suit the algorithm. Other requests may suit it.</exception>
    /// <exception cref="TrainingDivergedException">This model diverged. Other models may be fine.</exception>
    public UnlearnedModel Take(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        return take(index);
    }

    /// <inheritdoc/>
    public void Dispose() => dispose();
}
