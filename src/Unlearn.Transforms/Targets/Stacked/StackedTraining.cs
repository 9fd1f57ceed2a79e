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
        for (var epoch = 0; epoch < recipe.Epochs && diverged.Contains(null); epoch++)
        {
            var (index, weights) = Epoch(orders, positions, recipe.BatchSize, steps);
            using var epochScope = torch.NewDisposeScope();
            var loss = torch.zeros(targets.Count);
            for (var step = 0; step < steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var stepScope = torch.NewDisposeScope();
                var start = step * recipe.BatchSize;
                loss.add_(stepper.Step(index.narrow(1, start, recipe.BatchSize), weights.narrow(1, start, recipe.BatchSize), epoch * steps + step, recipe.Epochs * steps));
            }
            var losses = loss.data<float>().ToArray();
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

    /// <summary>Row positions of an epoch, models × places, and their weights: one over the batch's rows, 0 where the last batch has no row.</summary>
    private static (torch.Tensor Index, torch.Tensor Weights) Epoch(BatchOrder[] orders, IReadOnlyList<ReadOnlyMemory<int>> positions, int batchSize, int steps)
    {
        var places = batchSize * steps;
        var index = new long[orders.Length * places];
        var weights = new float[index.Length];
        for (var model = 0; model < orders.Length; model++)
        {
            var order = orders[model].NextEpoch();
            var of = positions[model].Span;
            for (var i = 0; i < order.Length; i++)
            {
                index[model * places + i] = of[order[i]];
                weights[model * places + i] = 1f / Math.Min(batchSize, order.Length - i / batchSize * batchSize);
            }
        }
        return (torch.tensor(index, [orders.Length, places]), torch.tensor(weights, [orders.Length, places]));
    }
}
