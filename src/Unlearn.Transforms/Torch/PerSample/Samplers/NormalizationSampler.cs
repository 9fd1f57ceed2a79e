using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>
/// What the samplers of layers share that normalize their input to x̂ and return w x̂ + b: ∂w = Σ g x̂ and ∂b = Σ g, over the positions that share w
/// and b.
/// </summary>
internal abstract class NormalizationSampler<TLayer>(TLayer layer, bool hasBias) : LayerSampler<TLayer>(layer)
    where TLayer : Module<torch.Tensor, torch.Tensor>
{
    public sealed override LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls) =>
        new ElementwiseGradient(name, calls.Select(call => Gradient(call, rows)).Sum());

    /// <summary>Σ g x̂ and Σ g of each row, each rows × parameters.</summary>
    protected abstract (torch.Tensor Weight, torch.Tensor Bias) Sums(LayerCall call, long rows);

    /// <summary>Σ_t x_nct g_nct of tensors rows × channels × positions, without the product in between.</summary>
    protected static torch.Tensor SumOfProducts(torch.Tensor x, torch.Tensor g) => torch.einsum("nct,nct->nc", x, g);

    /// <summary>rows × channels × positions.</summary>
    protected static torch.Tensor Channels(torch.Tensor tensor) => tensor.dim() == 2 ? tensor.unsqueeze(2) : tensor.flatten(2);

    private torch.Tensor Gradient(LayerCall call, long rows)
    {
        var (weight, bias) = Sums(call, rows);
        return hasBias ? torch.cat([weight, bias], 1) : weight;
    }
}
