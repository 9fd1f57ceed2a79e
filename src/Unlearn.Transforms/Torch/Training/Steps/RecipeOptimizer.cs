using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Steps;

/// <summary>
/// A recipe's optimizer. On the CPU it takes one pass over the memory, since steps of small models cost little else: see <see cref="ParameterStep"/>.
/// Elsewhere it is Torch's.
/// </summary>
internal sealed class RecipeOptimizer : IDisposable
{
    /// <summary>Values of the largest parameter that a span reaches.</summary>
    public const int LargestParameter = int.MaxValue / sizeof(float);

    private readonly StepSettings _settings;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly ParameterStep[] _steps = [];
    private readonly torch.optim.Optimizer? _other;

    /// <param name="settings">The recipe's settings.</param>
    /// <param name="parameters">What it trains: contiguous, and of one device.</param>
    public RecipeOptimizer(StepSettings settings, IReadOnlyList<Parameter> parameters)
    {
        _settings = settings;
        _parameters = parameters;
        if (parameters.All(HasSpan))
            _steps = [.. parameters.Select(parameter => new ParameterStep(settings, parameter.numel()))];
        else
            _other = settings.Optimizer switch
            {
                OptimizerKind.Sgd => torch.optim.SGD(parameters, settings.LearningRate, settings.Momentum, weight_decay: settings.WeightDecay),
                OptimizerKind.AdamW => torch.optim.AdamW(parameters, settings.LearningRate, weight_decay: settings.WeightDecay),
                var kind => throw new ArgumentException($"Unknown optimizer {kind}."),
            };
    }

    /// <summary>Takes a step along the parameters' gradients.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="steps">Steps in all, for the learning rate.</param>
    public void Step(int step, int steps)
    {
        var rate = _settings.LearningRateAt(step, steps);
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
            throw new NotSupportedException(
                $"A stack's parameters are float32 on the CPU, and of at most {LargestParameter} values each: lower the recipe's Stack.");
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
