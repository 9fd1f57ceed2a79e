using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training;

/// <summary>
/// A recipe's optimizer. On the CPU it takes one pass over the memory, since steps of small models cost little else: see <see cref="ParameterStep"/>. Elsewhere it is Torch's.
/// </summary>
internal sealed class RecipeOptimizer : IDisposable
{
    /// <summary>Values of the largest parameter that a span reaches.</summary>
    public const int LargestParameter = int.MaxValue / sizeof(float);

    private readonly TorchRecipe _recipe;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly ParameterStep[] _steps = [];
    private readonly torch.optim.Optimizer? _other;

    /// <param name="recipe">The recipe.</param>
    /// <param name="parameters">What it trains: contiguous, and of one device.</param>
    public RecipeOptimizer(TorchRecipe recipe, IReadOnlyList<Parameter> parameters)
    {
        _recipe = recipe;
        _parameters = parameters;
        if (parameters.All(HasSpan))
            _steps = [.. parameters.Select(parameter => new ParameterStep(recipe, parameter.numel()))];
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
    public void Step(int step, int steps)
    {
        var rate = _recipe.LearningRateAt(step, steps);
        if (_other is null)
        {
            Step([(float)rate], [1]);
            return;
        }
        using var noGrad = torch.no_grad();
        foreach (var group in _other.ParamGroups)
            group.LearningRate = rate;
        _other.step();
    }

    /// <summary>Takes a step along the gradients of a stack's parameters.</summary>
    /// <param name="rates">Learning rate of each model; 0 for one that stays as it is.</param>
    /// <param name="scales">What each model's gradients are multiplied by.</param>
    public void Step(ReadOnlySpan<float> rates, ReadOnlySpan<float> scales)
    {
        if (_other is not null)
            throw new NotSupportedException($"A stack's parameters are float32 on the CPU, and of at most {LargestParameter} values each: lower {nameof(TorchRecipe)}.{nameof(TorchRecipe.Stack)}.");
        using var noGrad = torch.no_grad();
        for (var i = 0; i < _parameters.Count; i++)
        {
            using var gradient = _parameters[i].grad!;
            _steps[i].Take(FloatSpan.Of(_parameters[i]), FloatSpan.Of(gradient), rates, scales);
        }
    }

    public void Dispose()
    {
        _other?.Dispose();
        foreach (var step in _steps)
            step.Dispose();
    }

    private static bool HasSpan(Parameter parameter) =>
        parameter.device_type == DeviceType.CPU && parameter.dtype == torch.ScalarType.Float32 && parameter.numel() <= LargestParameter;
}
