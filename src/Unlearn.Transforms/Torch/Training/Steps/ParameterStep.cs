using System.Numerics;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Steps;

/// <summary>
/// An optimizer's steps of one parameter, in one pass over its memory. As <c>torch.optim</c> does it, with g the gradient, w the parameter and η the rate:
/// SGD v ← momentum·v + g + decay·w, w ← w − η·v; AdamW, of Torch's usual β and ε, w ← w − η·decay·w, m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g²,
/// w ← w − η·m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε).
/// </summary>
internal sealed class ParameterStep : IDisposable
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly StepSettings _settings;
    private readonly torch.Tensor _first;
    private readonly torch.Tensor? _second;
    private int _count;

    /// <param name="settings">The recipe's settings.</param>
    /// <param name="values">Number of the parameter's values in all models of a stack together.</param>
    public ParameterStep(StepSettings settings, long values)
    {
        _settings = settings;
        _first = torch.zeros(values).DetachFromDisposeScope();
        _second = settings.Optimizer switch
        {
            OptimizerKind.Sgd => null,
            OptimizerKind.AdamW => torch.zeros(values).DetachFromDisposeScope(),
            var kind => throw new ArgumentException($"Unknown optimizer {kind}."),
        };
    }

    /// <summary>Takes a step.</summary>
    /// <param name="weights">Values of the parameter, one model after another, with the same number for each model.</param>
    /// <param name="gradients">Gradient of the parameter, in the same order.</param>
    /// <param name="rates">Learning rate of each model; 0 for a model that does not change and takes no further step.</param>
    /// <param name="scales">Factor for each model's gradients.</param>
    public void Take(Span<float> weights, ReadOnlySpan<float> gradients, ReadOnlySpan<float> rates, ReadOnlySpan<float> scales)
    {
        _count++;
        var first = FloatSpan.Of(_first);
        var second = _second is null ? [] : FloatSpan.Of(_second);
        var each = weights.Length / rates.Length;
        for (var model = 0; model < rates.Length; model++)
        {
            if (rates[model] == 0)
                continue;
            var range = (model * each)..((model + 1) * each);
            if (_second is null)
                Descend(weights[range], gradients[range], first[range], rates[model], scales[model]);
            else
                DescendAdamW(weights[range], gradients[range], first[range], second[range], rates[model], scales[model]);
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        _second?.Dispose();
    }

    private void Descend(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> velocity, float rate, float scale)
    {
        var (momentum, decay) = ((float)_settings.Momentum, (float)_settings.WeightDecay);
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

    private void DescendAdamW(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> mean, Span<float> square, float rate, float scale)
    {
        var keep = (float)(1 - rate * _settings.WeightDecay);
        var step = (float)(rate / (1 - Math.Pow(Beta1, _count)));
        var correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, _count)));
        var i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = scale * new Vector<float>(gradient[i..]);
            var m = Beta1 * new Vector<float>(mean[i..]) + (1 - Beta1) * g;
            var v = Beta2 * new Vector<float>(square[i..]) + (1 - Beta2) * g * g;
            m.CopyTo(mean[i..]);
            v.CopyTo(square[i..]);
            (keep * new Vector<float>(weights[i..]) - step * m / (correction * Vector.SquareRoot(v) + new Vector<float>(Epsilon))).CopyTo(weights[i..]);
        }
        for (; i < weights.Length; i++)
        {
            var g = scale * gradient[i];
            mean[i] = Beta1 * mean[i] + (1 - Beta1) * g;
            square[i] = Beta2 * square[i] + (1 - Beta2) * g * g;
            weights[i] = keep * weights[i] - step * mean[i] / (correction * MathF.Sqrt(square[i]) + Epsilon);
        }
    }
}
