using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>Optimizer steps of stacked models, each of which minimises a weighted sum of the cross-entropies of rows of its own.</summary>
internal sealed class StackedSteps(TorchRecipe recipe, StackedModule module, TrainingRows rows) : IDisposable
{
    private readonly StackedSgd? _sgd = recipe.Optimizer == OptimizerKind.Sgd ? new(module.Parameters, recipe.Momentum, recipe.WeightDecay) : null;
    private readonly torch.optim.Optimizer? _other = recipe.Optimizer == OptimizerKind.Sgd ? null : TrainingLoop.CreateOptimizer(recipe, module.Parameters);

    /// <summary>The largest norm of one model's gradient over all its parameters: longer ones are shortened to it.</summary>
    public double MaximumGradientNorm { get; init; } = double.PositiveInfinity;

    /// <summary>Takes one step.</summary>
    /// <param name="index">Positions of each model's rows: models × places.</param>
    /// <param name="weights">Weights of their losses, of the same shape: 0 where a place has no row, below 0 to go up.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="steps">Steps in all, for the learning rate.</param>
    /// <returns>Each model's loss before the step; it belongs to the caller's dispose scope.</returns>
    public torch.Tensor Step(torch.Tensor index, torch.Tensor weights, int step, int steps)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (models, places) = (index.shape[0], index.shape[1]);
        var at = index.flatten();
        var features = rows.Features.index_select(0, at).view(models, places, -1);
        var labels = rows.Labels.index_select(0, at).view(models, 1, places);
        var ofRows = weights.unsqueeze(1);
        var logits = module.Forward(features);
        var logProbabilities = functional.log_softmax(logits, 1);
        // ∂loss/∂logits is known: p − onehot(y), and starts the backward pass.
        var gradient = logProbabilities.exp().scatter_add(1, labels, torch.full_like(labels, -1, dtype: torch.ScalarType.Float32)) * ofRows;
        module.Backward(gradient);
        if (_other is null)
            _sgd!.Step(TrainingLoop.LearningRate(recipe, step, steps), GradientScales());
        else
        {
            TrainingLoop.SetLearningRate(_other, recipe, step, steps);
            ShortenGradients();
            _other.step();
        }
        return (logProbabilities.gather(1, labels) * ofRows).sum([1, 2]).neg().MoveToOuterDisposeScope();
    }

    public void Dispose() => _other?.Dispose();

    // As torch.nn.utils.clip_grad_norm_ does, for each model by itself.
    private float[] GradientScales()
    {
        if (!double.IsFinite(MaximumGradientNorm))
            return [.. Enumerable.Repeat(1f, module.Count)];
        var norms = torch.stack([.. module.Parameters.Select(parameter => parameter.grad!.view(module.Count, -1).norm(1, false, 2f))]).norm(0, false, 2f);
        return (MaximumGradientNorm / (norms + 1e-6)).clamp_max(1).data<float>().ToArray();
    }

    private void ShortenGradients()
    {
        if (!double.IsFinite(MaximumGradientNorm))
            return;
        var scales = torch.tensor(GradientScales()).unsqueeze(1);
        foreach (var parameter in module.Parameters)
            parameter.grad!.view(module.Count, -1).mul_(scales);
    }
}
