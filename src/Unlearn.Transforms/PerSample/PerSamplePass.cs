using TorchSharp;

namespace Unlearn.Transforms.PerSample;

/// <summary>One forward pass whose graph is kept, for as many backward passes as are asked for.</summary>
internal sealed class PerSamplePass(
    torch.Tensor features,
    torch.Tensor logits,
    (torch.Tensor Input, torch.Tensor Output)? lastLinear,
    IReadOnlyList<(int Layer, torch.Tensor Input, torch.Tensor Output)> calls,
    Func<IReadOnlyList<(int Layer, torch.Tensor Input, torch.Tensor Output)>, IList<torch.Tensor>, List<LayerGradient>> factor,
    FirstConvolution? first)
{
    /// <summary>Logits with their graph: rows × classes.</summary>
    public torch.Tensor Logits => logits;

    /// <summary>φ: input of the last linear layer, rows × dimensions, without a graph.</summary>
    /// <exception cref="NotSupportedException">The module has no linear layer.</exception>
    public torch.Tensor Embeddings => lastLinear?.Input.flatten(1) ?? throw new NotSupportedException("The target's module calls no linear layer, so there is no input of its last one to compare rows by: leave the neighbourhood factors out.");

    /// <summary>Whether the logits are what the last linear layer gave, up to a constant per row.</summary>
    public bool EndsInLinear => lastLinear is { Output: var output } && output.shape.SequenceEqual(logits.shape)
        && output.log_softmax(1).allclose(logits.detach().log_softmax(1), 1e-4, 1e-5);

    /// <summary>Gradients of Σ_n v_n · f_n with respect to the layers' parameters, row by row, for a gradient v of the logits.</summary>
    /// <param name="logitGradients">v: rows × classes, without a graph.</param>
    public IReadOnlyList<LayerGradient> ParameterGradients(torch.Tensor logitGradients) =>
        factor(calls, torch.autograd.grad([logits], [.. calls.Select(call => call.Output)], [logitGradients.to(logits.device)], retain_graph: true));

    /// <summary>Gradients of Σ_n v_n · f_n with respect to the features: rows × features.</summary>
    /// <param name="logitGradients">v: rows × classes, without a graph.</param>
    /// <returns>On the CPU.</returns>
    public torch.Tensor InputGradients(torch.Tensor logitGradients) =>
        (first is { IsFound: true }
            ? first.InputGradients(logits, logitGradients)
            : torch.autograd.grad([logits], [features], [logitGradients.to(logits.device)], retain_graph: true)[0]).flatten(1).cpu();
}
