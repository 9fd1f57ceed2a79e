using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Transforms;

/// <summary>Torch's native library: loads it, explains why it does not load, and sets how the process keeps freed memory.</summary>
public static class TorchRuntime
{
    private const string KeepsSwitch = "Unlearn.KeepFreedMemory";

    private static readonly Lazy<Exception?> LoadFailure = new(Load);
    private static readonly Lazy<bool> Keeps = new(
        () => ShouldKeep(Environment.GetEnvironmentVariable, AppContext.TryGetSwitch(KeepsSwitch, out var asked) ? asked : null) && KeepFreedMemory());

    /// <summary>Makes sure that Torch's native library is loaded.</summary>
    /// <exception cref="TorchUnavailableException">The library cannot be loaded; the message names the cause and the remedy.</exception>
    public static void EnsureAvailable()
    {
        if (LoadFailure.Value is { } failure)
            throw failure as TorchUnavailableException ?? new TorchUnavailableException(Explain(failure), failure);
    }

    /// <summary>
    /// Whether matrix products and convolutions on CUDA devices may round their inputs to TF32, with 10 bits of mantissa: faster, with relative errors
    /// of about 1e-3. It applies to the whole process.
    /// </summary>
    /// <value>Default <see langword="false"/>, where libtorch's own default allows it in convolutions.</value>
    public static bool AllowTf32
    {
        get
        {
            EnsureAvailable();
            return torch.backends.cuda.matmul.allow_tf32;
        }
        set
        {
            EnsureAvailable();
            SetTf32(value);
        }
    }

    /// <summary>
    /// Makes this process keep freed memory for its next allocations. By default, glibc returns some of it to the system at once.
    /// Torch allocates the same large tensors at every training step, and glibc then maps and clears the pages of some of them again each time.
    /// This concerns all tensors above 32 MB and, on threads other than the first, every heap that has become empty.
    /// Trainings of convolutions on their own threads become a sixth to a third faster. On such threads, tensors above 64 MB are still mapped again each time.
    /// Call this method at the start of an executable, never in a library. It applies to the whole process, and the memory of the process then stays
    /// at its peak. Studies, labelings and other runs of trials call it once themselves, unless the process has the AppContext switch
    /// <c>Unlearn.KeepFreedMemory</c> as <see langword="false"/>, or its environment sets up glibc's allocator: <c>MALLOC_…_</c> or
    /// <c>GLIBC_TUNABLES</c>.
    /// </summary>
    /// <returns>
    /// <see langword="true"/> if the process now keeps freed memory; <see langword="false"/>, with nothing changed, if the C library is not glibc.
    /// </returns>
    public static bool KeepFreedMemory()
    {
        const int LargestHeap = 64 << 20;
        const int TrimThreshold = -1;
        const int TopPad = -2;
        const int MapThreshold = -3;
        try
        {
            // Some versions of glibc accept no threshold above half the size of a heap.
            return OperatingSystem.IsLinux()
                && (SetAllocatorOption(MapThreshold, 1 << 30) != 0 || SetAllocatorOption(MapThreshold, LargestHeap / 2) != 0)
                && SetAllocatorOption(TrimThreshold, int.MaxValue) != 0
                && SetAllocatorOption(TopPad, LargestHeap) != 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>What runs of trials call: <see cref="KeepFreedMemory"/> once, unless whoever runs the process has decided otherwise.</summary>
    internal static void KeepFreedMemoryByDefault() => _ = Keeps.Value;

    /// <summary>Whether freed memory is kept by default.</summary>
    /// <param name="variable">Gives a variable of the environment.</param>
    /// <param name="isAsked">The AppContext switch; <see langword="null"/> where it is not set.</param>
    internal static bool ShouldKeep(Func<string, string?> variable, bool? isAsked) =>
        isAsked ?? (variable("MALLOC_TRIM_THRESHOLD_") is null && variable("MALLOC_MMAP_THRESHOLD_") is null && variable("MALLOC_TOP_PAD_") is null
            && variable("GLIBC_TUNABLES")?.Contains("glibc.malloc", StringComparison.Ordinal) is not true);

    /// <summary>Makes one message that says why Torch's native library did not load and what to do.</summary>
    /// <param name="failure">The exception that the loader threw.</param>
    internal static string Explain(Exception failure)
    {
        var text = failure.ToString();
        var cause = (text.Contains("GLIBCXX_", StringComparison.Ordinal), text.Contains("not restored", StringComparison.Ordinal)
            || text.Contains("doesn't contain a reference", StringComparison.Ordinal)) switch
        {
            (true, _) =>
                "this system's libstdc++ is older than TorchSharp's native library asks for. Remove <UnlearnFixTorchSharpOnOlderLinux>false</…> from the "
                + "executable's project "
                + "(the package's build step then relaxes that one version need in the output folder) and rebuild, or install libstdc++ of GCC 13.2 or newer.",
            (_, true) =>
                "the executable carries no libtorch. Reference exactly one backend package, TorchSharp-cpu or TorchSharp-cuda-linux or "
                + "TorchSharp-cuda-windows, of the same version as TorchSharp, in the executable's project.",
            _ =>
                "the loader's own words follow. Check that the executable's project references exactly one backend package (TorchSharp-cpu, "
                + "TorchSharp-cuda-linux, TorchSharp-cuda-windows) of the same version as TorchSharp.",
        };
        return $"Torch's native library cannot be loaded: {cause} [{FirstLine(failure)}]";
    }

    // libtorch reads these variables while it is loaded. A program may load it before it calls this class.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "Nothing else comes early enough.")]
    internal static void SetVariables()
    {
        SetVariable("TORCH_CPP_LOG_LEVEL", "ERROR");
        ConvolutionKernels.Restrict(SetVariable);
    }

    private static void SetTf32(bool isAllowed)
    {
        torch.backends.cuda.matmul.allow_tf32 = isAllowed;
        torch.backends.cudnn.allow_tf32 = isAllowed;
    }

    private static Exception? Load()
    {
        try
        {
            LoadLibraryToLearnItsError();
            SilenceWarnings();
            SetTf32(false);
            ConvolutionKernels.LeaveOneDnn();
            return ConvolutionKernels.Chosen is not null || ConvolutionKernels.AreRight()
                ? null
                : new TorchUnavailableException(ConvolutionKernels.Explanation);
        }
        catch (Exception failure) when (failure is TypeInitializationException or DllNotFoundException or NotSupportedException or BadImageFormatException
            or EntryPointNotFoundException)
        {
            return failure;
        }
    }

    // TorchSharp swallows the loader's message and blames a missing package, so ask the loader first.
    private static void LoadLibraryToLearnItsError()
    {
        foreach (var folder in new[]
        {
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
        })
        {
            var path = Path.Combine(folder, "libLibTorchSharp.so");
            if (OperatingSystem.IsLinux() && File.Exists(path))
                NativeLibrary.Load(path);
        }
    }

    // On CPUs that NNPACK does not support, libtorch warns at every convolution. Only Python reads the log level from the environment.
    private static void SilenceWarnings()
    {
        using var loadsTorch = torch.ones(1);
        try
        {
            if (OperatingSystem.IsLinux())
                InitializeLogging();
        }
        catch (EntryPointNotFoundException)
        {
            // This libtorch logs in another way. Its warnings are harmless.
        }
    }

    // Libraries read the C environment; on Unix, .NET changes only its own copy. Variables that the user has set stay.
    private static void SetVariable(string name, string value)
    {
        if (OperatingSystem.IsWindows())
            Environment.SetEnvironmentVariable(name, Environment.GetEnvironmentVariable(name) ?? value);
        else
            _ = SetEnvironmentVariable(name, value, overwrite: 0);
    }

    private static string FirstLine(Exception failure) => failure.GetBaseException().Message.Split('\n')[0].Trim();

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAllocatorOption(int option, int value);

    [DllImport("libc10.so", EntryPoint = "_ZN3c1011initLoggingEv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern void InitializeLogging();

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironmentVariable(
        [MarshalAs(UnmanagedType.LPStr)] string name, [MarshalAs(UnmanagedType.LPStr)] string value, int overwrite);
}
