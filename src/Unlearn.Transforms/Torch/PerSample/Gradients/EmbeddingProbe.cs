using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// Finds out how a native embedding layer treats its tokens: TorchSharp does not tell the padding token, the mode of a bag, or the scaling by frequency.
/// It asks autograd for the gradients of single entries of the table.
/// </summary>
internal sealed class EmbeddingProbe
{
    private readonly Parameter _weight;
    private readonly Func<torch.Tensor, torch.Tensor> _forward;
    private readonly long[] _trained;

    /// <param name="weight">The table: tokens × dimensions.</param>
    /// <param name="forward">The layer, for tokens rows × positions.</param>
    public EmbeddingProbe(Parameter weight, Func<torch.Tensor, torch.Tensor> forward)
    {
        _weight = weight;
        _forward = forward;
        using var scope = torch.NewDisposeScope();
        var gradients = Gradients(HeldNumbers.Arange(weight.shape[0], device: weight.device).unsqueeze(1));
        IsTrained = gradients.select(1, 0).Ne(0).to(weight.dtype).DetachFromDisposeScope();
        _trained = IsTrained.nonzero().flatten().slice(0, 0, 2, 1).cpu().data<long>().ToArray();
    }

    /// <summary>1 for each token, 0 for a padding token, which gets no gradient.</summary>
    public torch.Tensor IsTrained { get; }

    /// <summary>Whether, for a row of two tokens, every entry of the first has a certain gradient of the sum of the outputs.</summary>
    /// <param name="expected">The gradient.</param>
    /// <param name="secondIsFirst">Whether both tokens are the same.</param>
    public bool IsGradientOfFirstToken(double expected, bool secondIsFirst)
    {
        if (_trained.Length == 0)
            return true;
        using var scope = torch.NewDisposeScope();
        var tokens = torch.tensor([_trained[0], secondIsFirst ? _trained[0] : _trained[^1]], [1, 2], device: _weight.device);
        return Gradients(tokens)[_trained[0]].Eq(expected).all().item<bool>();
    }

    // A layer with a largest norm shrinks its entries when it is called: they are put back.
    private torch.Tensor Gradients(torch.Tensor tokens)
    {
        var (wasTrainable, before) = (_weight.requires_grad, _weight.detach().clone());
        using var grad = torch.enable_grad();
        try
        {
            _weight.requires_grad = true;
            var gradient = torch.autograd.grad([_forward(tokens).sum()], [_weight])[0];
            return gradient.is_sparse ? gradient.to_dense() : gradient;
        }
        finally
        {
            _weight.requires_grad = wasTrainable;
            using var noGrad = torch.no_grad();
            _weight.copy_(before);
        }
    }
}
