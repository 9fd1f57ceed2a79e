using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>What per-row gradients need to know of one layer: one small class for each kind of layer.</summary>
internal abstract class LayerSampler
{
    /// <summary>Why this very layer cannot be sampled, to follow "layer 'x'"; <see langword="null"/> if it can.</summary>
    public virtual string? Refusal => null;

    /// <summary>Whether an output's first dimension is the rows, or rows × something that is laid out row after row.</summary>
    /// <param name="output">What the layer gave.</param>
    /// <param name="rows">Rows of the pass.</param>
    public virtual bool HasRows(torch.Tensor output, long rows) => output.dim() > 0 && output.shape[0] == rows;

    /// <summary>Whether its output stands for its input where a gradient with respect to the input is asked for: tokens have none.</summary>
    public virtual bool IsEmbedding => false;

    /// <summary>Has a function called with the inputs and the output of every call; what it returns is passed on in place of the output.</summary>
    public abstract void Observe(Func<IReadOnlyList<torch.Tensor?>, torch.Tensor, torch.Tensor> onCall);

    /// <summary>The layer's per-row gradients: those of all its calls in a pass, added up.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="rows">Rows of the pass.</param>
    /// <param name="calls">Its calls, at least one.</param>
    public abstract LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls);

    /// <summary>For layers that treat each position alike: whether the output is rows × anything, or several positions of a row, then those of the next.</summary>
    protected static bool HasRowAfterRow(torch.Tensor output, long rows) => output.dim() > 0 && (output.shape[0] == rows || rows > 0 && output.shape[0] % rows == 0);

    /// <summary>rows × positions × width; no rows have no positions.</summary>
    protected static torch.Tensor Positions(torch.Tensor tensor, long rows, long width) => tensor.reshape(rows, rows == 0 ? 0 : tensor.numel() / (rows * width), width);

    /// <summary>The positions of all calls: rows × positions × width.</summary>
    protected static torch.Tensor Positions(IReadOnlyList<LayerCall> calls, Func<LayerCall, torch.Tensor> tensor, long rows, long width) => calls.Count == 1
        ? Positions(tensor(calls[0]), rows, width)
        : torch.cat([.. calls.Select(call => Positions(tensor(call), rows, width))], 1);
}

/// <summary>A sampler of layers that take one tensor.</summary>
internal abstract class LayerSampler<TLayer>(TLayer layer) : LayerSampler
    where TLayer : Module<torch.Tensor, torch.Tensor>
{
    protected TLayer Layer => layer;

    public sealed override void Observe(Func<IReadOnlyList<torch.Tensor?>, torch.Tensor, torch.Tensor> onCall) =>
        layer.register_forward_hook((_, input, output) => onCall([input], output));
}
