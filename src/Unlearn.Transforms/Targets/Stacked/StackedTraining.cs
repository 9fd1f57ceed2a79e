using TorchSharp;
using static TorchSharp.torch.nn;

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
    /// <exception cref="TrainingDivergedException">The loss of a model became NaN or infinite.</exception>
    public static void Run(TorchRecipe recipe, IReadOnlyList<TorchTarget> targets, TrainingRows rows, IReadOnlyList<ReadOnlyMemory<int>> positions, IReadOnlyList<long> seeds, CancellationToken cancellationToken)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = torch.enable_grad();
        using var module = StackedModule.Create([.. targets.Select(target => target.Module)]);
        using var optimizer = TrainingLoop.CreateOptimizer(recipe, module.Parameters);
        var orders = targets.Select((_, model) => new BatchOrder(seeds[model], positions[model].Length)).ToArray();
        var steps = Steps(positions[0].Length, recipe.BatchSize);
        var device = targets[0].Device;
        for (var epoch = 0; epoch < recipe.Epochs; epoch++)
        {
            var (index, weights) = Epoch(orders, positions, recipe.BatchSize, steps);
            using var epochScope = torch.NewDisposeScope();
            var loss = torch.zeros(targets.Count, device: device);
            for (var step = 0; step < steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                TrainingLoop.SetLearningRate(optimizer, recipe, epoch * steps + step, recipe.Epochs * steps);
                loss += Step(module, optimizer, targets[0].Architecture, rows, device,
                    index.narrow(1, step * recipe.BatchSize, recipe.BatchSize), weights.narrow(1, step * recipe.BatchSize, recipe.BatchSize)).DetachFromDisposeScope();
            }
            RequireFinite(loss.cpu().data<float>().ToArray(), epoch + 1);
        }
        for (var model = 0; model < targets.Count; model++)
            module.CopyTo(model, targets[model].Module);
    }

    /// <summary>Steps of an epoch.</summary>
    public static int Steps(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;

    /// <returns>Each model's mean loss of the batch.</returns>
    private static torch.Tensor Step(StackedModule module, torch.optim.Optimizer optimizer, TorchArchitecture architecture, TrainingRows rows, torch.Device device, torch.Tensor index, torch.Tensor weights)
    {
        using var scope = torch.NewDisposeScope();
        var (models, batch) = (index.shape[0], index.shape[1]);
        var at = index.flatten();
        var features = rows.Features.index_select(0, at).to(device).reshape([models, batch, .. architecture.InputShape]);
        var labels = rows.Labels.index_select(0, at).to(device).reshape(models, 1, batch);
        var ofRows = weights.to(device).unsqueeze(1);
        var logits = module.Forward(features);
        var logProbabilities = functional.log_softmax(logits.detach(), 1);
        // ∂loss/∂logits is known: p − onehot(y), and saves a backward pass through the loss.
        var gradient = logProbabilities.exp().scatter_add(1, labels, torch.full_like(labels, -1, dtype: torch.ScalarType.Float32)) * ofRows;
        optimizer.zero_grad();
        logits.backward([gradient]);
        optimizer.step();
        return (logProbabilities.gather(1, labels) * ofRows).sum([1, 2]).neg().MoveToOuterDisposeScope();
    }

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

    private static void RequireFinite(float[] losses, int epoch)
    {
        var diverged = Array.FindIndex(losses, loss => !float.IsFinite(loss));
        if (diverged >= 0)
            throw TrainingDivergedException.AtEpoch(epoch, losses[diverged]);
    }
}
