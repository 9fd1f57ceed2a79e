using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.Training.Steps;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>Optimizer steps of stacked models. Each model minimizes a weighted sum of the cross-entropies of its own rows.</summary>
internal sealed class StackedSteps(StepSettings settings, StackedModule module, TrainingRows rows) : IDisposable
{
    private readonly RecipeOptimizer _optimizer = new(settings, module.Parameters);
    private readonly float[] _unscaled = [.. Enumerable.Repeat(1f, module.Count)];

    /// <summary>The largest norm of one model's gradient over all its parameters: longer ones are shortened to it.</summary>
    public double MaximumGradientNorm { get; init; } = double.PositiveInfinity;

    /// <summary>Takes one step.</summary>
    /// <param name="index">Positions of each model's rows: models × places.</param>
    /// <param name="weights">Weights of their losses, of the same shape: 0 where a place has no row, below 0 to go up.</param>
    /// <param name="rates">Learning rate of each model; 0 for one that stays as it is, and takes no further step.</param>
    /// <returns>Each model's loss before the step.</returns>
    public float[] Step(ReadOnlySpan<long> index, ReadOnlySpan<float> weights, ReadOnlySpan<float> rates)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var labels = new long[index.Length];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = rows.LabelValues[index[i]];
        var logits = module.Forward(Features(index)).contiguous();
        var losses = StackedCrossEntropy.Differentiate(logits, labels, weights);
        module.Backward(logits);
        _optimizer.Step(rates, GradientScales());
        return losses;
    }

    public void Dispose() => _optimizer.Dispose();

    private torch.Tensor Features(ReadOnlySpan<long> index)
    {
        var features = torch.empty(module.Count, index.Length / module.Count, rows.FeatureCount);
        var values = FloatSpan.Of(features);
        for (var i = 0; i < index.Length; i++)
            rows.ReadFeatures((int)index[i], values.Slice(i * rows.FeatureCount, rows.FeatureCount));
        return features;
    }

    // As torch.nn.utils.clip_grad_norm_ does, for each model by itself.
    private float[] GradientScales()
    {
        if (!double.IsFinite(MaximumGradientNorm))
            return _unscaled;
        var norms = torch.stack([.. module.Parameters.Select(parameter => parameter.grad!.view(module.Count, -1).norm(1, false, 2f))]).norm(0, false, 2f);
        return norms.Add(1e-6).reciprocal().Mul(MaximumGradientNorm).ClampMax(1).data<float>().ToArray();
    }
}
