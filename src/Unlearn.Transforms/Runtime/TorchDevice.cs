using System.Globalization;
using TorchSharp;

namespace Unlearn.Transforms;

/// <summary>Where Torch computes: <c>auto</c>, <c>cpu</c>, or <c>cuda:N</c>.</summary>
public readonly record struct TorchDevice
{
    private readonly int? _cudaIndex;
    private readonly bool _isExplicit;

    private TorchDevice(int? cudaIndex, bool isExplicit) => (_cudaIndex, _isExplicit) = (cudaIndex, isExplicit);

    /// <summary>The first CUDA device where there is one, else the CPU. The default.</summary>
    public static TorchDevice Auto => default;

    /// <summary>The CPU.</summary>
    public static TorchDevice Cpu => new(null, isExplicit: true);

    /// <summary>A CUDA device.</summary>
    /// <param name="index">Its index, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static TorchDevice Cuda(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(index, isExplicit: true);
    }

    /// <summary>Reads <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <param name="text">The text; case does not matter.</param>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static TorchDevice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.ToLowerInvariant() switch
        {
            "auto" => Auto,
            "cpu" => Cpu,
            "cuda" => Cuda(0),
            var name when name.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(name["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var index) => Cuda(index),
            _ => throw new FormatException($"'{text}' is no device: use auto, cpu or cuda:N."),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => !_isExplicit ? "auto" : _cudaIndex is { } index ? Invariant($"cuda:{index}") : "cpu";

    /// <summary>The Torch device that this means on this machine.</summary>
    /// <exception cref="TorchUnavailableException">The native library does not load.</exception>
    /// <exception cref="InvalidOperationException">A CUDA device was asked for that this machine or this Torch build lacks.</exception>
    public torch.Device Resolve()
    {
        TorchRuntime.EnsureAvailable();
        if (!_isExplicit)
            return torch.cuda.is_available() ? torch.device(DeviceType.CUDA, 0) : torch.CPU;
        if (_cudaIndex is not { } index)
            return torch.CPU;
        if (!torch.cuda.is_available())
            throw new InvalidOperationException(
                $"Device '{this}' was asked for, but this process has no CUDA device: use 'cpu' or 'auto', or build with -p:TorchBackend=cuda-linux on a "
                + "machine with an NVIDIA driver.");
        if (index >= torch.cuda.device_count())
            throw new InvalidOperationException($"Device '{this}' was asked for, but this machine has only {torch.cuda.device_count()} CUDA device(s).");
        return torch.device(DeviceType.CUDA, index);
    }
}
