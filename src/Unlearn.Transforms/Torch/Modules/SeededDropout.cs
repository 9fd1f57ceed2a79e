using TorchSharp;
using Unlearn.Transforms.Numerics;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms;

/// <summary>
/// Dropout that draws from the generator of the training it takes part in, so that trainings in several threads stay repeatable.
/// In evaluation mode it passes its input on.
/// </summary>
public sealed class SeededDropout : Module<torch.Tensor, torch.Tensor>
{
    [ThreadStatic]
    private static torch.Generator? s_generator;

    private readonly double _probability;

    /// <summary>Creates the layer.</summary>
    /// <param name="probability">Share of values set to 0 while training, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside [0, 1).</exception>
    public SeededDropout(double probability = 0.5) : base(nameof(SeededDropout))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        _probability = probability;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input)
    {
        if (!training || _probability == 0)
            return input.alias();
        var generator = s_generator
            ?? throw new InvalidOperationException($"{nameof(SeededDropout)} in training mode needs a training by TorchRecipe, which seeds it.");
        using var draws = torch.rand(input.shape, generator: generator);
        using var kept = draws.Ge(_probability).to(input.dtype).DivInPlace(1 - _probability);
        using var mask = kept.to(input.device);
        return input * mask;
    }

    internal static void Use(torch.Generator? generator) => s_generator = generator;
}
