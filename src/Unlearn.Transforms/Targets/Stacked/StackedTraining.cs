using System.Numerics.Tensors;
using TorchSharp;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>
/// Trains several models by one recipe at once: the same initialisation, order and steps as one by one, so that the parameters differ only by rounding.
/// </summary>
internal static class StackedTraining
{
    /// <param name="recipe">The recipe.</param>
    /// <param name="targets">Targets to go on training, in place; they share an architecture that can be stacked.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="positions">Of each target, the rows to train on; all take the same number of steps an epoch.</param>
    /// <param name="seeds">Of each target, the seed of its order.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>Of each target, how it diverged; <see langword="null"/> for all that did not.</returns>
    public static TrainingDivergedException?[] Run(TorchRecipe recipe, IReadOnlyList<TorchTarget> targets, TrainingRows rows, IReadOnlyList<ReadOnlyMemory<int>> positions, IReadOnlyList<long> seeds, CancellationToken cancellationToken)
    {
        using var scope = torch.NewDisposeScope();
        using var module = StackedModule.Create([.. targets.Select(target => target.Module)], targets[0].Architecture.InputShape);
        using var stepper = new StackedSteps(recipe, module, rows);
        var orders = targets.Select((_, model) => new BatchOrder(seeds[model], positions[model].Length)).ToArray();
        var steps = Steps(positions[0].Length, recipe.BatchSize);
        var diverged = new TrainingDivergedException?[targets.Count];
        var places = targets.Count * recipe.BatchSize;
        var index = new long[steps * places];
        var weights = Weights(positions, recipe.BatchSize, steps);
        for (var epoch = 0; epoch < recipe.Epochs && diverged.Contains(null); epoch++)
        {
            SetIndex(index, orders, positions, recipe.BatchSize);
            var losses = new float[targets.Count];
            for (var step = 0; step < steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var ofStep = stepper.Step(index.AsSpan(step * places, places), weights.AsSpan(step * places, places), epoch * steps + step, recipe.Epochs * steps);
                TensorPrimitives.Add(losses, ofStep, losses);
            }
            for (var model = 0; model < losses.Length; model++)
                if (!float.IsFinite(losses[model]))
                    diverged[model] ??= TrainingDivergedException.AtEpoch(epoch + 1, losses[model]);
        }
        for (var model = 0; model < targets.Count; model++)
            module.CopyTo(model, targets[model].Module);
        return diverged;
    }

    /// <summary>Steps of an epoch.</summary>
    public static int Steps(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;

    /// <summary>Row positions of an epoch: steps × models × places.</summary>
    private static void SetIndex(long[] index, BatchOrder[] orders, IReadOnlyList<ReadOnlyMemory<int>> positions, int batchSize)
    {
        for (var model = 0; model < orders.Length; model++)
        {
            var order = orders[model].NextEpoch();
            var of = positions[model].Span;
            for (var start = 0; start < order.Length; start += batchSize)
            {
                var batch = order[start..Math.Min(start + batchSize, order.Length)];
                var places = index.AsSpan(start * orders.Length + model * batchSize, batchSize);
                for (var i = 0; i < batch.Length; i++)
                    places[i] = of[batch[i]];
            }
        }
    }

    /// <summary>Weights of an epoch's rows: one over the batch's rows, 0 where the last batch has no row.</summary>
    private static float[] Weights(IReadOnlyList<ReadOnlyMemory<int>> positions, int batchSize, int steps)
    {
        var weights = new float[steps * positions.Count * batchSize];
        for (var model = 0; model < positions.Count; model++)
            for (var start = 0; start < positions[model].Length; start += batchSize)
            {
                var batch = Math.Min(batchSize, positions[model].Length - start);
                weights.AsSpan(start * positions.Count + model * batchSize, batch).Fill(1f / batch);
            }
        return weights;
    }
}
