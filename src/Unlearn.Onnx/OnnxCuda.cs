using Microsoft.ML.OnnxRuntime;

namespace Unlearn.Onnx;

/// <summary>ONNX Runtime on CUDA.</summary>
internal static class OnnxCuda
{
    private const string Provider = "CUDAExecutionProvider";

    /// <summary>Lets a session compute on a CUDA device, in float32 as on the CPU: ONNX Runtime's own default is TF32.</summary>
    /// <exception cref="InvalidOperationException">This machine or this program's ONNX Runtime has no such device.</exception>
    public static void Use(SessionOptions options, int device)
    {
        var providers = OrtEnv.Instance().GetAvailableProviders();
        if (!providers.Contains(Provider))
            throw Missing($"the ONNX Runtime of this program has {string.Join(", ", providers)}");
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(new() { ["device_id"] = Invariant($"{device}"), ["use_tf32"] = "0" });
            options.AppendExecutionProvider_CUDA(cuda);
        }
        catch (OnnxRuntimeException cause)
        {
            throw Missing(cause.Message.Split('\n')[0].Trim(), cause);
        }

        InvalidOperationException Missing(string why, Exception? cause = null) => new(
            $"CUDA device {device} was asked for by {nameof(OnnxTarget)}.{nameof(OnnxTarget.Options)}.{nameof(OnnxTarget.Options.CudaDevice)}, but {why}. "
            + "Reference Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime, on a machine with that device, CUDA and cuDNN; or leave it out.",
            cause);
    }
}
