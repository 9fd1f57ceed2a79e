using System.Numerics;
using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Targets;

/// <summary>
/// A recipe's optimizer. Stochastic gradient descent on the CPU, v ← momentum·v + g + decay·w, w ← w − rate·v as <c>torch.optim.SGD</c> does it, takes one pass over the memory:
/// steps of small models cost little else. Everything else is Torch's.
/// </summary>
internal sealed class RecipeOptimizer : IDisposable
{
    private readonly TorchRecipe _recipe;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly torch.Tensor[] _velocities = [];
    private readonly torch.optim.Optimizer? _other;

    /// <param name="recipe">The recipe.</param>
    /// <param name="parameters">What it trains: contiguous, and of one device.</param>
    public RecipeOptimizer(TorchRecipe recipe, IReadOnlyList<Parameter> parameters)
    {
        _recipe = recipe;
        _parameters = parameters;
        if (recipe.Optimizer == OptimizerKind.Sgd && parameters.All(HasSpan))
            _velocities = [.. parameters.Select(parameter => torch.zeros(parameter.numel()).DetachFromDisposeScope())];
        else
            _other = recipe.Optimizer switch
            {
                OptimizerKind.Sgd => torch.optim.SGD(parameters, recipe.LearningRate, recipe.Momentum, weight_decay: recipe.WeightDecay),
                OptimizerKind.AdamW => torch.optim.AdamW(parameters, recipe.LearningRate, weight_decay: recipe.WeightDecay),
                var kind => throw new ArgumentException($"Unknown optimizer {kind}."),
            };
    }

    /// <summary>Takes a step along the parameters' gradients.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="steps">Steps in all, for the learning rate.</param>
    /// <param name="scales">Where the parameters are those of a stack, what each model's gradients are multiplied by.</param>
    public void Step(int step, int steps, params ReadOnlySpan<float> scales)
    {
        using var noGrad = torch.no_grad();
        var rate = LearningRate(step, steps);
        if (scales.IsEmpty)
            scales = [1];
        if (_other is null)
        {
            for (var i = 0; i < _parameters.Count; i++)
                Step(i, (float)rate, scales);
            return;
        }
        foreach (var group in _other.ParamGroups)
            group.LearningRate = rate;
        if (scales.ContainsAnyExcept(1))
            Scale(scales);
        _other.step();
    }

    public void Dispose()
    {
        _other?.Dispose();
        foreach (var velocity in _velocities)
            velocity.Dispose();
    }

    private static bool HasSpan(Parameter parameter) =>
        parameter.device_type == DeviceType.CPU && parameter.dtype == torch.ScalarType.Float32 && parameter.numel() <= int.MaxValue / sizeof(float);

    private double LearningRate(int step, int steps) => _recipe.Schedule == LearningRateSchedule.Constant
        ? _recipe.LearningRate
        : _recipe.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps));

    private void Scale(ReadOnlySpan<float> scales)
    {
        using var scope = torch.NewDisposeScope();
        var ofModels = torch.tensor(scales.ToArray()).unsqueeze(1);
        foreach (var parameter in _parameters)
            parameter.grad!.view(scales.Length, -1).mul_(ofModels);
    }

    private void Step(int parameter, float rate, ReadOnlySpan<float> scales)
    {
        using var gradient = _parameters[parameter].grad!;
        var weights = FloatSpan.Of(_parameters[parameter]);
        var gradients = FloatSpan.Of(gradient);
        var velocities = FloatSpan.Of(_velocities[parameter]);
        var each = weights.Length / scales.Length;
        for (var model = 0; model < scales.Length; model++)
            Descend(weights.Slice(model * each, each), gradients.Slice(model * each, each), velocities.Slice(model * each, each), rate, scales[model]);
    }

    private void Descend(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> velocity, float rate, float scale)
    {
        var (momentum, decay) = ((float)_recipe.Momentum, (float)_recipe.WeightDecay);
        var i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var w = new Vector<float>(weights[i..]);
            var v = momentum * new Vector<float>(velocity[i..]) + scale * new Vector<float>(gradient[i..]) + decay * w;
            v.CopyTo(velocity[i..]);
            (w - rate * v).CopyTo(weights[i..]);
        }
        for (; i < weights.Length; i++)
        {
            velocity[i] = momentum * velocity[i] + scale * gradient[i] + decay * weights[i];
            weights[i] -= rate * velocity[i];
        }
    }
}
