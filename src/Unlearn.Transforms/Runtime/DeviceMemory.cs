using System.Runtime.InteropServices;

namespace Unlearn.Transforms.Runtime;

/// <summary>Tells when a device has too little memory. TorchSharp knows no exception of its own for it.</summary>
internal static class DeviceMemory
{
    private static readonly string[] Words = ["out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED", "can't allocate memory"];

    /// <summary>Whether that is what an exception of Torch says.</summary>
    public static bool IsShort(ExternalException cause) => Array.Exists(Words, word => cause.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
