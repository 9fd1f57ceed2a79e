using System.Numerics;
using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>
/// Stochastic gradient descent with momentum and weight decay as <c>torch.optim.SGD</c> does it, v ← momentum·v + g + decay·w, w ← w − rate·v, in one pass over the memory:
/// the step of many small models costs little else.
/// </summary>
internal sealed class StackedSgd(IReadOnlyList<Parameter> parameters, double momentum, double decay)
{
    private readonly float[][] _velocities = [.. parameters.Select(parameter => new float[parameter.numel()])];

    /// <summary>Takes a step.</summary>
    /// <param name="rate">Learning rate.</param>
    /// <param name="scales">What the gradients of each model are multiplied by.</param>
    public void Step(double rate, ReadOnlySpan<float> scales)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            using var gradient = parameters[i].grad!;
            var weights = FloatSpan.Of(parameters[i]);
            var gradients = FloatSpan.Of(gradient);
            var each = weights.Length / scales.Length;
            for (var model = 0; model < scales.Length; model++)
                Step(weights.Slice(model * each, each), gradients.Slice(model * each, each), _velocities[i].AsSpan(model * each, each), (float)rate, scales[model]);
        }
    }

    private void Step(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> velocity, float rate, float scale)
    {
        var (m, d) = ((float)momentum, (float)decay);
        var i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var w = new Vector<float>(weights[i..]);
            var v = m * new Vector<float>(velocity[i..]) + scale * new Vector<float>(gradient[i..]) + d * w;
            v.CopyTo(velocity[i..]);
            (w - rate * v).CopyTo(weights[i..]);
        }
        for (; i < weights.Length; i++)
        {
            velocity[i] = m * velocity[i] + scale * gradient[i] + d * weights[i];
            weights[i] -= rate * velocity[i];
        }
    }
}
