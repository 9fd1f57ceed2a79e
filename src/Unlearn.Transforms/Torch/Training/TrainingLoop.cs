using TorchSharp;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Torch.Training.Steps;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Training;

internal static class TrainingLoop
{
    public static TrainingTrace Run(
        TorchRecipe recipe,
        TorchTarget target,
        TrainingRows rows,
        int[] positions,
        long seed,
        int checkpoints,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = torch.enable_grad();
        using var dropout = new torch.Generator((ulong)Seed.Derive(seed, "dropout"));
        using var gradients = checkpoints == 0 ? null : new GradientRecorder(target, rows, positions, checkpoints, recipe.Epochs);
        var trace = new TraceRecorder(rows, positions);
        var batches = new BatchOrder(seed, positions.Length);
        var cuts = new BatchCuts(positions.Length, recipe.BatchSize);
        if (cuts.HasLoneRow)
            BatchStatistics.RefuseLoneRow(target, recipe.BatchSize);
        var steps = cuts.Count;
        var module = target.Module;

        SeededDropout.Use(dropout);
        target.SetTrainable(true);
        using var parameters = new FlatParameters(module);
        using var optimizer = new RecipeOptimizer(recipe.Steps, parameters.Flat);
        module.train();
        try
        {
            for (var epoch = 0; epoch < recipe.Epochs; epoch++)
            {
                using var epochScope = torch.NewDisposeScope();
                var order = batches.NextEpoch();
                var indices = torch.tensor(Indices(order, positions));
                trace.StartEpoch();
                for (var step = 0; step < steps; step++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var stepScope = torch.NewDisposeScope();
                    var (start, length) = cuts[step];
                    var batch = order.Slice(start, length);
                    var (logProbabilities, labels) = Differentiate(target, rows, indices.narrow(0, start, length), parameters);
                    optimizer.Step(epoch * steps + step, recipe.Epochs * steps);
                    trace.Record(batch, logProbabilities, labels);
                }
                var finished = trace.EndEpoch(epoch + 1, recipe.Epochs);
                progress?.Report(finished);
                gradients?.EndEpoch(epoch + 1, target, cancellationToken);
            }
        }
        finally
        {
            module.eval();
            target.SetTrainable(false);
            SeededDropout.Use(null);
        }
        return FiniteState.FindOffender(module) is { } offender
            ? throw TrainingDivergedException.NotFinite(offender)
            : gradients?.AddTo(trace.ToTrace()) ?? trace.ToTrace();
    }

    private static long[] Indices(ReadOnlySpan<int> order, int[] positions)
    {
        var indices = new long[order.Length];
        for (var i = 0; i < indices.Length; i++)
            indices[i] = positions[order[i]];
        return indices;
    }

    private static (torch.Tensor LogProbabilities, torch.Tensor Labels) Differentiate(
        TorchTarget target, TrainingRows rows, torch.Tensor indices, FlatParameters parameters)
    {
        var features = rows.SelectFeatures(indices).to(target.Device);
        var labels = rows.Labels.index_select(0, indices).to(target.Device);
        var logProbabilities = functional.log_softmax(target.Forward(features), 1);
        var loss = functional.nll_loss(logProbabilities, labels);
        parameters.ClearGradients();
        loss.backward();
        return (logProbabilities, labels);
    }
}
