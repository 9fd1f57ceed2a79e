using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Targets;

internal static class TrainingLoop
{
    public static TrainingTrace Run(TorchRecipe recipe, TorchTarget target, TrainingRows rows, ReadOnlySpan<int> positions, long seed, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = torch.enable_grad();
        using var dropout = new torch.Generator((ulong)Seed.Derive(seed, "dropout"));
        var trace = new TraceRecorder(rows, positions);
        var batches = new BatchOrder(seed, positions.Length);
        var steps = (positions.Length + recipe.BatchSize - 1) / recipe.BatchSize;
        var module = target.Module;

        SeededDropout.Use(dropout);
        target.SetTrainable(true);
        using var optimizer = CreateOptimizer(recipe, module.parameters());
        module.train();
        try
        {
            for (var epoch = 0; epoch < recipe.Epochs; epoch++)
            {
                var order = batches.NextEpoch();
                for (var step = 0; step < steps; step++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    SetLearningRate(optimizer, recipe, epoch * steps + step, recipe.Epochs * steps);
                    Step(target, rows, positions, order.Slice(step * recipe.BatchSize, Math.Min(recipe.BatchSize, order.Length - step * recipe.BatchSize)), optimizer, trace);
                }
                var finished = trace.EndEpoch(epoch + 1, recipe.Epochs);
                progress?.Report(finished);
            }
        }
        finally
        {
            module.eval();
            target.SetTrainable(false);
            SeededDropout.Use(null);
        }
        return trace.ToTrace();
    }

    private static void Step(TorchTarget target, TrainingRows rows, ReadOnlySpan<int> positions, ReadOnlySpan<int> batch, torch.optim.Optimizer optimizer, TraceRecorder trace)
    {
        using var scope = torch.NewDisposeScope();
        var index = new long[batch.Length];
        for (var i = 0; i < index.Length; i++)
            index[i] = positions[batch[i]];
        var at = torch.tensor(index);
        var features = rows.Features.index_select(0, at).to(target.Device);
        var labels = rows.Labels.index_select(0, at).to(target.Device);

        var logProbabilities = functional.log_softmax(target.Forward(features), 1);
        var loss = functional.nll_loss(logProbabilities, labels);
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        trace.Record(batch, logProbabilities, labels);
    }

    public static torch.optim.Optimizer CreateOptimizer(TorchRecipe recipe, IEnumerable<Parameter> parameters) => recipe.Optimizer switch
    {
        OptimizerKind.Sgd => torch.optim.SGD(parameters, recipe.LearningRate, recipe.Momentum, weight_decay: recipe.WeightDecay),
        OptimizerKind.AdamW => torch.optim.AdamW(parameters, recipe.LearningRate, weight_decay: recipe.WeightDecay),
        _ => throw new ArgumentException($"Unknown optimizer {recipe.Optimizer}."),
    };

    public static void SetLearningRate(torch.optim.Optimizer optimizer, TorchRecipe recipe, int step, int steps)
    {
        if (recipe.Schedule == LearningRateSchedule.Constant)
            return;
        var rate = recipe.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = rate;
    }
}
