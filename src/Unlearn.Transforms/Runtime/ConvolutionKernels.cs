using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Runtime;

/// <summary>
/// Keeps libtorch's convolutions right on virtual machines with AMD processors that hide their cache sizes. oneDNN then takes the first-level cache
/// to be one byte long, and cuts the reordering of a convolution's weights in the wrong places: where its channels do not fill the blocks of the AVX
/// kernels, outputs and gradients are wrong, silently. There libtorch computes convolutions itself; where it cannot be told to, oneDNN keeps to its
/// kernels for SSE 4.1, which have no blocks: right everywhere, but slower still.
/// </summary>
internal static class ConvolutionKernels
{
    private const string Variable = "ONEDNN_MAX_CPU_ISA";
    private const string RightEverywhere = "SSE41";
    private const double Tolerance = 1e-3;

    /// <summary>Whether this processor hides its cache sizes.</summary>
    public static bool AreSuspect { get; } = X86Base.IsSupported && HidesCacheSizes();

    /// <summary>The kernels that the user has asked for by oneDNN's environment variable; <see langword="null"/> if they have not.</summary>
    public static string? Chosen { get; } = Environment.GetEnvironmentVariable(Variable) ?? Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA");

    /// <summary>Restricts oneDNN to kernels that are right, where the user has not chosen. It must not have computed anything yet.</summary>
    /// <param name="setVariable">Sets a variable of the C environment.</param>
    public static void Restrict(Action<string, string> setVariable)
    {
        if (AreSuspect && Chosen is null)
            setVariable(Variable, RightEverywhere);
    }

    /// <summary>
    /// Has libtorch compute convolutions itself on a suspect processor, where the user has not chosen: trainings then take 0.5 to 0.8 of the time
    /// that oneDNN's kernels for SSE 4.1 take.
    /// </summary>
    public static void LeaveOneDnn()
    {
        if (!AreSuspect || Chosen is not null || !OperatingSystem.IsLinux())
            return;
        try
        {
            EnableOneDnn(GlobalContext(), isEnabled: 0);
        }
        catch (Exception failure) when (failure is EntryPointNotFoundException or DllNotFoundException)
        {
            // A libtorch that is set in another way: the restricted kernels are right too.
        }
    }

    /// <summary>Whether a convolution that leaves blocks unfilled is right.</summary>
    public static bool AreRight()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(1);
        return IsRight(torch.rand([2, 17, 8, 8], generator: generator), torch.rand([5, 17, 3, 3], generator: generator), [1, 1], [1, 1], [1, 1], 1);
    }

    /// <summary>Makes sure that a module's convolutions are right with the kernels that the user has chosen on a suspect processor.</summary>
    /// <exception cref="TorchUnavailableException">One is wrong.</exception>
    public static void Check(Module module)
    {
        if (!AreSuspect || Chosen is null)
            return;
        using var scope = torch.NewDisposeScope();
        foreach (var (name, layer) in module.named_modules())
            if (layer is TorchSharp.Modules.Conv2d { padding: { } padding } convolution && convolution.weight is { } weight
                && !IsRight(torch.randn(2, convolution.in_channels, 8 + convolution.kernel_size[0], 8 + convolution.kernel_size[1]), weight.detach(),
                    convolution.stride, padding, convolution.dilation, convolution.groups))
                throw new TorchUnavailableException(
                    $"Layer '{name}' is computed wrongly by oneDNN's kernels for {Chosen}, which {Variable} asks for: this processor hides its cache sizes. "
                    + $"Unset {Variable}, or set it to {RightEverywhere}.");
    }

    /// <summary>Why <see cref="AreRight"/> may be false.</summary>
    public static string Explanation =>
        $"oneDNN, which computes Torch's convolutions, gives wrong results on this processor. Set the environment variable {Variable} to {RightEverywhere} "
        + "before the process starts"
        + (AreSuspect ? $", or call {nameof(TorchRuntime)}.{nameof(TorchRuntime.EnsureAvailable)} before anything else uses Torch." : ".");

    // In double precision libtorch computes convolutions itself.
    private static bool IsRight(torch.Tensor images, torch.Tensor weight, long[] stride, long[] padding, long[] dilation, long groups)
    {
        using var grad = torch.enable_grad();
        var single = Results(images, weight, torch.ScalarType.Float32);
        var exact = Results(images, weight, torch.ScalarType.Float64);
        return single.Zip(exact)
            .All(pair => (pair.First.to(torch.ScalarType.Float64) - pair.Second).norm().item<double>() <= Tolerance * pair.Second.norm().item<double>());

        torch.Tensor[] Results(torch.Tensor input, torch.Tensor kernels, torch.ScalarType type)
        {
            var (x, w) = (input.to(type, copy: true).requires_grad_(true), kernels.to(type, copy: true).requires_grad_(true));
            var output = functional.conv2d(x, w, null, stride, padding, dilation, groups);
            return [output.detach(), .. torch.autograd.grad([output], [x, w], [output.detach().cos()])];
        }
    }

    // The leaf that oneDNN reads on AMD's processors. Each sub-leaf describes a cache; type 0 says that there is none.
    private static bool HidesCacheSizes()
    {
        const int CacheLeaf = unchecked((int)0x8000001D);
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        var vendor = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([b, d, c]));
        return vendor == "AuthenticAMD" && (unchecked((uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax) < unchecked((uint)CacheLeaf)
            || (X86Base.CpuId(CacheLeaf, 0).Eax & 0x1F) == 0);
    }

    // What Python's torch.backends.mkldnn sets, which TorchSharp does not have.
    [DllImport("libtorch_cpu.so", EntryPoint = "_ZN2at13globalContextEv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern nint GlobalContext();

    [DllImport("libtorch_cpu.so", EntryPoint = "_ZN2at7Context20setUserEnabledMkldnnEb")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern void EnableOneDnn(nint context, byte isEnabled);
}
