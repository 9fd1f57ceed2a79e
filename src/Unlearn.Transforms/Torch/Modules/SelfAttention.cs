using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms;

/// <summary>
/// Multi-head self-attention (Vaswani et al., arXiv 1706.03762, section 3.2), built of four linear layers. Use it in place of TorchSharp's
/// <c>MultiheadAttention</c>, which hides its projections, so that per-row gradients have to be computed one row at a time. Maps rows × positions ×
/// width to the same shape.
/// </summary>
public sealed class SelfAttention : Module<torch.Tensor, torch.Tensor>
{
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear output;
    private readonly int _heads;
    private readonly bool _isCausal;

    /// <summary>Creates the layer.</summary>
    /// <param name="width">Width of a position's vector, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Number of heads, at least 1.</param>
    /// <param name="hasBias">Whether the linear layers have biases.</param>
    /// <param name="isCausal">Whether a position sees only itself and the ones before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of heads is not positive.</exception>
    /// <exception cref="ArgumentException">The width is not a multiple of the number of heads.</exception>
    public SelfAttention(int width, int heads, bool hasBias = true, bool isCausal = false) : base(nameof(SelfAttention))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (width <= 0 || width % heads != 0)
            throw new ArgumentException($"The width must be a multiple of the number of heads, {heads}, got {width}.", nameof(width));
        query = Linear(width, width, hasBias);
        key = Linear(width, width, hasBias);
        value = Linear(width, width, hasBias);
        output = Linear(width, width, hasBias);
        _heads = heads;
        _isCausal = isCausal;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var attended =
            functional.scaled_dot_product_attention(Heads(query.call(input)), Heads(key.call(input)), Heads(value.call(input)), is_casual: _isCausal);
        return output.call(attended.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope();
    }

    // rows × heads × positions × width of a head.
    private torch.Tensor Heads(torch.Tensor tensor) => tensor.unflatten(2, _heads, tensor.shape[2] / _heads).transpose(1, 2);
}
