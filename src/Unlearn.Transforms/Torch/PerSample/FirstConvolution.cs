using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>
/// Takes the gradient of a first convolution with respect to the features out of libtorch's hands: for few input channels its CPU kernels
/// take 2 to 6 times as long as a matrix product and a fold. A forward hook cuts the graph behind that convolution.
/// </summary>
internal sealed class FirstConvolution
{
    /// <summary>From more channels on, libtorch is faster.</summary>
    private const long MostChannels = 4;

    [ThreadStatic]
    private static FirstConvolution? s_current;

    private readonly torch.Tensor _features;
    private Conv2d? _layer;
    private long[] _inputShape = [];
    private torch.Tensor? _output;

    private FirstConvolution(torch.Tensor features) => _features = features;

    /// <summary>Attaches to the convolutions of a module that may come first. Hooks that are registered later see the new leaf as the layer's output.</summary>
    public static void Watch(torch.nn.Module module)
    {
        foreach (var layer in module.modules().OfType<Conv2d>().Distinct())
            if (layer is { groups: 1, padding: not null, padding_mode: PaddingModes.Zeros, in_channels: <= MostChannels })
                layer.register_forward_hook((_, input, output) => s_current?.Cut(layer, input, output) ?? output);
    }

    /// <summary>Starts to look for a first convolution on this thread.</summary>
    /// <param name="features">The features as they enter the module, with a graph from them on.</param>
    public static FirstConvolution Begin(torch.Tensor features) => s_current = new(features);

    /// <summary>Stops to look for it.</summary>
    public static void End() => s_current = null;

    /// <summary>Whether the module has such a convolution.</summary>
    public bool IsFound => _output is not null;

    /// <summary>What it keeps; in no dispose scope.</summary>
    public IEnumerable<torch.Tensor> Tensors => _output is null ? [] : [_output];

    /// <summary>Gradients of Σ_n v_n · f_n with respect to the features, in the shape that the convolution takes.</summary>
    public torch.Tensor InputGradients(torch.Tensor logits, torch.Tensor logitGradients)
    {
        var gradients = torch.autograd.grad([logits], [_output!, _features], [logitGradients.to(logits.device)], retain_graph: true, allow_unused: true);
        var weight = _layer!.weight.flatten(1).t();
        var patches = weight.matmul(gradients[0].flatten(2));
        var image = torch.nn.functional.fold(
            patches, (_inputShape[2], _inputShape[3]), Pair(_layer.kernel_size), Pair(_layer.dilation), Pair(_layer.padding!), Pair(_layer.stride));

        // Paths from the features around the convolution.
        return gradients[1].IsInvalid ? image : image.Add(gradients[1].view_as(image));
    }

    // A copy is passed on: what follows may work in place, which a leaf does not allow.
    private torch.Tensor? Cut(Conv2d layer, torch.Tensor input, torch.Tensor output)
    {
        if (IsFound || !IsFeatures(input))
            return null;
        _layer = layer;
        _inputShape = input.shape;
        _output = output.detach().requires_grad_(true).DetachFromDisposeScope();
        return _output.clone();
    }

    private bool IsFeatures(torch.Tensor input) =>
        input.dim() == 4 && input.device_type == DeviceType.CPU && input.numel() == _features.numel() && input.numel() > 0 && input.is_contiguous()
        && Unsafe.AreSame(ref MemoryMarshal.GetReference(input.bytes), ref MemoryMarshal.GetReference(_features.bytes));

    private static (long, long) Pair(long[] sizes) => sizes.Length == 1 ? (sizes[0], sizes[0]) : (sizes[0], sizes[1]);
}
