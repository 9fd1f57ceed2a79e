using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Transforms;

/// <summary>Torch's native library: whether it loads, and if not, why.</summary>
public static class TorchRuntime
{
    private static readonly Lazy<Exception?> LoadFailure = new(Load);

    /// <summary>Makes sure that Torch's native library is loaded.</summary>
    /// <exception cref="TorchUnavailableException">It cannot be loaded; the message names the cause and the cure.</exception>
    public static void EnsureAvailable()
    {
        if (LoadFailure.Value is { } failure)
            throw failure as TorchUnavailableException ?? new TorchUnavailableException(Explain(failure), failure);
    }

    /// <summary>
    /// Makes this process keep memory that it has freed, for its next allocation, in place of returning it to the system at once. Torch allocates the same large
    /// tensors at every step of a training, and glibc maps and clears the pages of some of them anew each time: of all above 32 MB, and on threads other than the first of every heap
    /// that has become empty. Trainings of convolutions on threads of their own are a sixth to a third faster with it; tensors above 64 MB are mapped anew on such threads all the same. Call it first thing in an executable, never in
    /// a library: it holds for the whole process, whose memory then stays at its peak.
    /// </summary>
    /// <returns><see langword="true"/> if the process now does so; <see langword="false"/>, with nothing changed, where the C library is not glibc.</returns>
    public static bool KeepFreedMemory()
    {
        const int LargestHeap = 64 << 20;
        const int TrimThreshold = -1;
        const int TopPad = -2;
        const int MapThreshold = -3;
        try
        {
            // Some versions of glibc map all above half a heap in any case.
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

    /// <summary>Says in one message why Torch's native library did not load and what to do.</summary>
    /// <param name="failure">What the loader threw.</param>
    internal static string Explain(Exception failure)
    {
        var text = failure.ToString();
        var cause = (text.Contains("GLIBCXX_", StringComparison.Ordinal), text.Contains("not restored", StringComparison.Ordinal) || text.Contains("doesn't contain a reference", StringComparison.Ordinal)) switch
        {
            (true, _) =>
                "this system's libstdc++ is older than TorchSharp's native library asks for. Remove <UnlearnFixTorchSharpOnOlderLinux>false</…> from the executable's project "
                + "(the package's build step then relaxes that one version need in the output folder) and rebuild, or install libstdc++ of GCC 13.2 or newer.",
            (_, true) =>
                "the executable carries no libtorch. Reference exactly one backend package, TorchSharp-cpu or TorchSharp-cuda-linux or TorchSharp-cuda-windows, of the same version as TorchSharp, in the executable's project.",
            _ =>
                "the loader's own words follow. Check that the executable's project references exactly one backend package (TorchSharp-cpu, TorchSharp-cuda-linux, TorchSharp-cuda-windows) of the same version as TorchSharp.",
        };
        return $"Torch's native library cannot be loaded: {cause} [{FirstLine(failure)}]";
    }

    // libtorch reads them while it is loaded, which a program may cause before it asks anything of this class.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "Nothing else comes early enough.")]
    internal static void SetVariables()
    {
        SetVariable("TORCH_CPP_LOG_LEVEL", "ERROR");
        ConvolutionKernels.Restrict(SetVariable);
    }

    private static Exception? Load()
    {
        try
        {
            LoadLibraryToLearnItsError();
            SilenceWarnings();
            ConvolutionKernels.LeaveOneDnn();
            return ConvolutionKernels.Chosen is not null || ConvolutionKernels.AreRight() ? null : new TorchUnavailableException(ConvolutionKernels.Explanation);
        }
        catch (Exception failure) when (failure is TypeInitializationException or DllNotFoundException or NotSupportedException or BadImageFormatException or EntryPointNotFoundException)
        {
            return failure;
        }
    }

    // TorchSharp swallows the loader's message and blames a missing package, so ask the loader first.
    private static void LoadLibraryToLearnItsError()
    {
        foreach (var folder in new[] { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native") })
        {
            var path = Path.Combine(folder, "libLibTorchSharp.so");
            if (OperatingSystem.IsLinux() && File.Exists(path))
                NativeLibrary.Load(path);
        }
    }

    // On CPUs that NNPACK does not support, libtorch warns at every convolution. Only Python's start reads the level that the environment asks for.
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
            // A libtorch that logs in another way: its warnings are harmless.
        }
    }

    // Libraries read the C environment, to which .NET's own is a copy on Unix. What the user has set stays.
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
    private static extern int SetEnvironmentVariable([MarshalAs(UnmanagedType.LPStr)] string name, [MarshalAs(UnmanagedType.LPStr)] string value, int overwrite);
}
