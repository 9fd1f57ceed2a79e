using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>Reads what per-row gradients need from one layer. Each kind of layer has its own subclass.</summary>
internal abstract class LayerSampler
{
    /// <summary>Why this layer cannot be sampled: text that follows "layer 'x'" in a message. <see langword="null"/> if it can.</summary>
    public virtual string? Refusal => null;

    /// <summary>Whether the first dimension of an output is the rows, or several positions of each row, row after row.</summary>
    /// <param name="output">The layer's output.</param>
    /// <param name="rows">Number of rows in the pass.</param>
    public virtual bool HasRows(torch.Tensor output, long rows) => output.dim() > 0 && output.shape[0] == rows;

    /// <summary>Whether input gradients are taken at the layer's output. The input is tokens, which have no gradient.</summary>
    public virtual bool IsEmbedding => false;

    /// <summary>Registers a function that gets the inputs and the output of every call. Its return value replaces the output.</summary>
    public abstract void Observe(Func<IReadOnlyList<torch.Tensor?>, torch.Tensor, torch.Tensor> onCall);

    /// <summary>The layer's per-row gradients, summed over all its calls in a pass.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="rows">Number of rows in the pass.</param>
    /// <param name="calls">Calls of the layer, at least one.</param>
    public abstract LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls);

    /// <summary>
    /// For layers that treat each position alike: whether the first dimension is the rows, or an equal number of positions for each row, row after
    /// row.
    /// </summary>
    protected static bool HasRowAfterRow(torch.Tensor output, long rows) =>
        output.dim() > 0 && (output.shape[0] == rows || rows > 0 && output.shape[0] % rows == 0);

    /// <summary>Reshapes a tensor to rows × positions × width. Without rows there are 0 positions.</summary>
    protected static torch.Tensor Positions(torch.Tensor tensor, long rows, long width) =>
        tensor.reshape(rows, rows == 0 ? 0 : tensor.numel() / (rows * width), width);

    /// <summary>Joins the positions of all calls: rows × positions × width.</summary>
    protected static torch.Tensor Positions(IReadOnlyList<LayerCall> calls, Func<LayerCall, torch.Tensor> tensor, long rows, long width) => calls.Count == 1
        ? Positions(tensor(calls[0]), rows, width)
        : torch.cat([.. calls.Select(call => Positions(tensor(call), rows, width))], 1);
}

/// <summary>A sampler for layers that take one tensor.</summary>
internal abstract class LayerSampler<TLayer>(TLayer layer) : LayerSampler
    where TLayer : Module<torch.Tensor, torch.Tensor>
{
    protected TLayer Layer => layer;

    public sealed override void Observe(Func<IReadOnlyList<torch.Tensor?>, torch.Tensor, torch.Tensor> onCall) =>
        layer.register_forward_hook((_, input, output) => onCall([input], output));
}
