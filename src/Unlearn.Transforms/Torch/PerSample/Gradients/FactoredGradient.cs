using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// Gradients of a layer that computes W a_t + b at each position t: G_n = Σ_t g_nt a_ntᵀ, held as a and g. Calls of a shared layer, and groups of a
/// convolution, add up.
/// </summary>
internal sealed partial class FactoredGradient : LayerGradient
{
    private readonly long _rows;
    private readonly long _groups;
    private readonly long[] _weightShape;
    private readonly bool _hasBias;
    private readonly IReadOnlyList<FactoredCall> _calls;

    /// <param name="name">Name of the layer.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="groups">Number of groups; each call has rows × groups rows.</param>
    /// <param name="weight">The layer's weight.</param>
    /// <param name="bias">The layer's bias, if it has one.</param>
    /// <param name="calls">The calls, at least one.</param>
    public FactoredGradient(string name, long rows, long groups, torch.Tensor weight, torch.Tensor? bias, IReadOnlyList<FactoredCall> calls) : base(name)
    {
        _rows = rows;
        _groups = groups;
        _weightShape = weight.shape;
        _hasBias = bias is not null;
        _calls = calls;
    }

    public override torch.Device Device => _calls[0].OutputGradients.device;

    public override torch.Tensor SquaredNorms()
    {
        var ofWeight = _calls.Count == 1
            ? _calls[0].SquaredNorms()
            : RowChunks.PerRow(_rows * _groups, 3 * Width * Outputs + _calls.Max(call => call.Layout.BlockValues),
                (start, count) => Matrices(start, count).Square().sum([1, 2]));
        var ofGroups = _hasBias ? ofWeight.Add(BiasGradients().Square().sum(dim: 1)) : ofWeight;
        return _groups == 1 ? ofGroups : ofGroups.reshape(_rows, _groups).sum(dim: 1);
    }

    public override torch.Tensor Flatten()
    {
        var weight = Matrices(0, _rows * _groups).transpose(1, 2).reshape(_rows, _groups * Outputs * Width);
        return _hasBias ? torch.cat([weight, BiasGradients().reshape(_rows, _groups * Outputs)], 1) : weight;
    }

    public override torch.Tensor Sum()
    {
        using var grad = torch.enable_grad();
        var options = _calls[0].OutputGradients;
        var weight = torch.zeros(_weightShape, options.dtype, options.device, requires_grad: true);
        var bias = _hasBias ? torch.zeros([_groups * Outputs], options.dtype, options.device, requires_grad: true) : null;
        var gradients = torch.autograd.grad(
            [.. _calls.Select(call => call.Apply(weight, bias))], bias is null ? [weight] : [weight, bias], [.. _calls.Select(call => call.OutputGradients)]);
        return torch.cat([.. gradients.Select(gradient => gradient.flatten())]);
    }

    // The layer is linear in its parameters: g · d is the output that the parameters d would give, times the output gradient.
    public override torch.Tensor Dot(torch.Tensor direction)
    {
        var weights = _groups * Outputs * Width;
        var weight = direction.narrow(0, 0, weights).reshape(_weightShape);
        var bias = _hasBias ? direction.narrow(0, weights, _groups * Outputs) : null;
        return _calls.Select(call => (call.Apply(weight, bias) * call.OutputGradients).sum([1, 2]))
            .Sum()
            .reshape(_rows, _groups)
            .sum(dim: 1);
    }

    private long Width => _calls[0].Layout.Width;

    private long Outputs => _calls[0].OutputGradients.shape[1];

    private torch.Tensor Matrices(long start, long count) => _calls.Select(call => call.Matrices(start, count)).Sum();

    private torch.Tensor BiasGradients() => _calls.Select(call => call.OutputGradients.sum(dim: 2)).Sum();
}
