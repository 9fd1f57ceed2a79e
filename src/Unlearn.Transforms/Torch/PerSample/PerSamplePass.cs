using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>One forward pass. Its graph is kept for any number of backward passes.</summary>
/// <param name="features">What the pass began with: rows × features.</param>
/// <param name="logits">What it gave: rows × classes.</param>
/// <param name="calls">Calls of layers, in their order.</param>
/// <param name="first">A first convolution that the graph was cut behind; <see langword="null"/> without a graph.</param>
internal sealed class PerSamplePass(torch.Tensor features, torch.Tensor logits, IReadOnlyList<ObservedCall> calls, FirstConvolution? first)
{
    private ObservedCall? _standsForFeatures;

    /// <summary>Logits with their graph: rows × classes.</summary>
    public torch.Tensor Logits => logits;

    /// <summary>φ: input of the last linear layer, rows × dimensions, without a graph.</summary>
    /// <exception cref="NotSupportedException">The module has no linear layer.</exception>
    public torch.Tensor Embeddings => LastLinear?.Inputs[0]!.flatten(1)
        ?? throw new NotSupportedException(
            "The target's module calls no linear layer, so there is no input of its last one to compare rows by: leave the neighborhood factors out.");

    /// <summary>
    /// What the last <see cref="InputGradients"/> are gradients with respect to: the features, or what stands for them; rows × anything, without a
    /// graph.
    /// </summary>
    public torch.Tensor Inputs => (_standsForFeatures?.Output ?? features).detach();

    /// <summary>Whether the last <see cref="InputGradients"/> are with respect to the features themselves.</summary>
    public bool IsDifferentiableInFeatures => _standsForFeatures is null;

    /// <summary>Whether the features are numbers of tokens: what an embedding layer takes, as the only one or beside one of the tokens' positions.</summary>
    public bool ReadsTokens => calls.Any(call => call.Layer.Sampler is { IsEmbedding: true }
        && call.Inputs[0] is { } tokens && tokens.numel() == features.numel() && tokens.flatten().to(features.dtype).eq(features.flatten()).all().item<bool>());

    /// <summary>Whether the logits are what the last linear layer gave, up to a constant per row.</summary>
    public bool EndsInLinear => LastLinear?.Output.detach() is { } output && output.shape.SequenceEqual(logits.shape)
        && output.log_softmax(1).allclose(logits.detach().log_softmax(1), 1e-4, 1e-5);

    /// <summary>Layers with an output in which the first dimension is not the rows.</summary>
    public IEnumerable<ObservedLayer> LayersWithoutRows =>
        calls.Where(call => call.Layer.Sampler?.HasRows(call.Output, features.shape[0]) == false).Select(call => call.Layer).Distinct();

    /// <summary>
    /// Gradients of Σ_n v_n · f_n with respect to the layers' parameters, row by row, for a gradient v of the logits. Frozen layers, and those that
    /// the logits do not depend on, are left out.
    /// </summary>
    /// <param name="logitGradients">v: rows × classes, without a graph.</param>
    public IReadOnlyList<LayerGradient> ParameterGradients(torch.Tensor logitGradients)
    {
        var sampled =
            calls.Where(call => call.Layer.Training != LayerTraining.None && call.Layer.Sampler?.HasRows(call.Output, features.shape[0]) == true).ToList();
        return [.. Gradients(logitGradients, sampled.Select(call => call.Output))
            .Zip(sampled, (gradient, call) => (call.Layer, Gradient: gradient, call.Inputs))
            .Where(call => call.Gradient is not null)
            .GroupBy(call => call.Layer, (layer, group) =>
                layer.Sampler!.Gradient(layer.Name, features.shape[0], [.. group.Select(call => new LayerCall(call.Inputs, call.Gradient!))]))];
    }

    /// <summary>
    /// Gradients of Σ_n v_n · f_n with respect to the features: rows × features. Where the module makes tokens of the features, which have no gradient,
    /// the output of the first embedding layer that it calls stands for them: rows × anything.
    /// </summary>
    /// <param name="logitGradients">v: rows × classes, without a graph.</param>
    /// <returns>On the CPU.</returns>
    /// <exception cref="NotSupportedException">The logits depend on the features in no differentiable way, and on no embedding layer.</exception>
    public torch.Tensor InputGradients(torch.Tensor logitGradients)
    {
        var embedding = calls.FirstOrDefault(call => call.Layer.Sampler is { IsEmbedding: true });
        var gradient = first is { IsFound: true } ? first.InputGradients(logits, logitGradients) : Gradients(logitGradients, [features])[0];
        _standsForFeatures = gradient is null ? embedding : null;
        gradient ??= (embedding is null ? null : Gradients(logitGradients, [embedding.Output])[0])
            ?? throw new NotSupportedException("The target's module is not differentiable in its features, and calls no embedding layer whose output could "
                + $"stand for them: leave out the factors that need {nameof(TargetCapabilities.InputGradients)}.");
        var rows = features.shape[0];
        return gradient.reshape(rows, rows == 0 ? 0 : gradient.numel() / rows).cpu();
    }

    private ObservedCall? LastLinear => calls.LastOrDefault(call => call.Layer.IsLinear);

    // Torch ends the process where logits have no graph at all; null for what they do not depend on.
    private List<torch.Tensor?> Gradients(torch.Tensor logitGradients, IEnumerable<torch.Tensor> inputs)
    {
        List<torch.Tensor> differentiable = [.. inputs];
        return !logits.requires_grad || differentiable.Count == 0
            ? [.. differentiable.Select(_ => (torch.Tensor?)null)]
            : [.. torch.autograd
                .grad([logits], differentiable, [logitGradients.to(logits.device)], retain_graph: true, allow_unused: true)
                .Select(gradient => gradient.IsInvalid ? null : gradient)];
    }
}
