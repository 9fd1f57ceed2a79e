using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Interop;

namespace Unlearn.Transforms;

/// <summary>Where Torch computes: <c>auto</c>, <c>cpu</c>, or <c>cuda:N</c>.</summary>
public readonly record struct TorchDevice
{
    // null: whatever is there.
    private readonly DeviceType? _type;
    private readonly int _index;

    private TorchDevice(DeviceType type, int index) => (_type, _index) = (type, index);

    /// <summary>The first CUDA device where there is one, else the CPU. The default.</summary>
    public static TorchDevice Auto => default;

    /// <summary>The CPU.</summary>
    public static TorchDevice Cpu => new(DeviceType.CPU, 0);

    /// <summary>A CUDA device.</summary>
    /// <param name="index">Its index, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static TorchDevice Cuda(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(DeviceType.CUDA, index);
    }

    /// <summary>
    /// The device that an ML context names, as its deep learning trainers read it: <see cref="MLContext.GpuDeviceId"/> if it is set, else
    /// <see cref="Auto"/>. If there is no such CUDA device, it is the CPU where <see cref="MLContext.FallbackToCpu"/> is set. Loaded models compute
    /// on the device of the context that loads them.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <exception cref="InvalidOperationException">There is no such CUDA device, and the context does not fall back to the CPU.</exception>
    public static TorchDevice Of(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return Of((IHostEnvironment)mlContext);
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
    public override string ToString() => _type switch
    {
        null => "auto",
        DeviceType.CPU => "cpu",
        { } type => Invariant($"{type.ToString().ToLowerInvariant()}:{_index}"),
    };

    /// <summary>The Torch device that this means on this machine.</summary>
    /// <exception cref="TorchUnavailableException">The native library does not load.</exception>
    /// <exception cref="InvalidOperationException">A CUDA device was asked for that this machine or this Torch build lacks.</exception>
    public torch.Device Resolve()
    {
        TorchRuntime.EnsureAvailable();
        if (_type is not { } type)
            return Found is { _type: { } found, _index: var place } ? torch.device(found, place)
                : torch.cuda.is_available() ? torch.device(DeviceType.CUDA, 0) : torch.CPU;
        return type == DeviceType.CPU ? torch.CPU : WhatIsMissing() is { } missing ? throw new InvalidOperationException(missing) : torch.device(type, _index);
    }

    /// <summary>What <see cref="Auto"/> finds; <see langword="null"/> to look. Tests set a device that stands for CUDA.</summary>
    internal static TorchDevice? Found { get; set; }

    /// <summary>A device of a kind that users cannot ask for. Tests let one stand for CUDA.</summary>
    internal static TorchDevice OfType(DeviceType type, int index) => new(type, index);

    /// <inheritdoc cref="Of(MLContext)"/>
    internal static TorchDevice Of(IHostEnvironment environment)
    {
        if (MLNetInternals.GpuOf(environment) is not ({ } index, var fallsBack))
            return Auto;
        TorchRuntime.EnsureAvailable();
        var device = Cuda(index);
        return device.WhatIsMissing() is not { } missing ? device : fallsBack ? Cpu : throw new InvalidOperationException(
            $"{missing} The ML context's {nameof(MLContext.GpuDeviceId)} is {index}: set its {nameof(MLContext.FallbackToCpu)} to compute on the CPU then.");
    }

    private string? WhatIsMissing()
    {
        if (_type != DeviceType.CUDA)
            return null;
        if (!torch.cuda.is_available())
            return $"Device '{this}' was asked for, but this process has no CUDA device: use 'cpu' or 'auto', or build with -p:TorchBackend=cuda-linux on a "
                + "machine with an NVIDIA driver.";
        return _index < torch.cuda.device_count() ? null
            : $"Device '{this}' was asked for, but this machine has only {torch.cuda.device_count()} CUDA device(s).";
    }
}
