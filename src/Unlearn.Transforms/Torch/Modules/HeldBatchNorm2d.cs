using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Modules;

/// <summary>Torch's <c>BatchNorm2d</c> with its default options, that holds the number by which it counts batches; see <see cref="HeldNumbers"/>.</summary>
/// <param name="channels">Number of channels.</param>
internal sealed class HeldBatchNorm2d(long channels)
    : BatchNorm(channels, Epsilon, Momentum, affine: true, track_running_stats: true, device: null, dtype: null, nameof(BatchNorm2d))
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;

    public override torch.Tensor forward(torch.Tensor input)
    {
        ValidateInputDimensions(input);
        if (training)
            num_batches_tracked!.AddInPlace(1);
        return torch.nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, Momentum, Epsilon);
    }

    protected override void ValidateInputDimensions(torch.Tensor input)
    {
        if (input.dim() != 4)
            throw new ArgumentException(Invariant($"Expected 4 dimensions (rows, channels, height, width), but the input has {input.dim()}."), nameof(input));
    }
}
