using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML;
using TorchSharp;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary>What can go wrong on a machine, checked.</summary>
internal static class MachineChecks
{
    private const double LittleMemory = 2e9;
    private const double LittleDisk = 1e9;
    private const string FirstGeneration = "DOTNET_GCgen0size";

    public static IReadOnlyList<MachineCheck> Run() => [.. System(), .. Torch(), .. Memory(), Disk(), Versions()];

    private static IEnumerable<MachineCheck> System()
    {
        yield return new(
            "system", CheckState.Fine, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}");
        yield return new("processors", Environment.ProcessorCount > 1 ? CheckState.Fine : CheckState.Slow, $"{Environment.ProcessorCount}",
            Environment.ProcessorCount > 1 ? "" : "trials run one after the other");
    }

    private static IEnumerable<MachineCheck> Torch()
    {
        MachineCheck? unavailable = null;
        try
        {
            TorchRuntime.EnsureAvailable();
        }
        catch (TorchUnavailableException failure)
        {
            unavailable = new("native library", CheckState.Fails, "libtorch cannot be used", failure.Message);
        }
        if (unavailable is not null)
        {
            yield return unavailable;
            yield break;
        }
        yield return new("native library", CheckState.Fine, $"libtorch {torch.__version__}, TorchSharp {Version(typeof(torch))}");
        // They are compared with a slow computation when the library loads.
        yield return new("convolutions", CheckState.Fine, "computed rightly on this processor");
        yield return torch.cuda.is_available()
            ? new("CUDA", CheckState.Fine, $"{torch.cuda.device_count()} devices", "this tool trains on the processor")
            : new("CUDA", CheckState.Fine, "none: everything runs on the processor");
    }

    private static IEnumerable<MachineCheck> Memory()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return new("memory", memory >= LittleMemory ? CheckState.Fine : CheckState.Slow, Invariant($"{memory / 1e9:0.0} GB"), memory >= LittleMemory
            ? ""
            : "take fewer --rows or --workers");
        var isConcurrent = AppContext.TryGetSwitch("System.GC.Concurrent", out var isOn) ? isOn : true;
        yield return new("garbage collection", isConcurrent ? CheckState.Slow : CheckState.Fine, isConcurrent ? "concurrent" : "not concurrent", isConcurrent
            ? "DOTNET_gcConcurrent=0: some trials run twice otherwise"
            : "");
        var isLarge = Environment.GetEnvironmentVariable(FirstGeneration) is { Length: > 0 };
        yield return new(
            "first generation",
            isLarge ? CheckState.Fine : CheckState.Slow,
            isLarge ? $"{FirstGeneration} is set" : $"{FirstGeneration} is not set",
            isLarge ? "" : $"{FirstGeneration}=0x1000000 makes collections rarer, and so trials that run twice");
    }

    private static MachineCheck Disk()
    {
        var folder = Path.GetFullPath(".");
        try
        {
            var free = new DriveInfo(folder).AvailableFreeSpace;
            var probe = Path.Combine(folder, $".unlearn-{Environment.ProcessId}.tmp");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                return new("disk", free >= LittleDisk ? CheckState.Fine : CheckState.Slow, Invariant($"{free / 1e9:0.0} GB free in the current folder"),
                    free >= LittleDisk ? "" : "name a folder elsewhere by --out");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new("disk", CheckState.Fails, "the current folder cannot be written to", "run it elsewhere, or name a folder by --out");
        }
    }

    private static MachineCheck Versions()
    {
        var tested = typeof(UnlearnFactorsEstimator).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(data => data.Key == "MicrosoftMLVersion")?.Value ?? "";
        var found = Version(typeof(MLContext));
        var isTested = found.StartsWith(tested, StringComparison.Ordinal);
        return new("versions", isTested ? CheckState.Fine : CheckState.Slow, $"unlearn {Version(typeof(HardnessStudy))}, Microsoft.ML {found}", isTested
            ? ""
            : $"saved models are tested with Microsoft.ML {tested} only");
    }

    private static string Version(Type type) => (type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? type.Assembly.GetName().Version!.ToString()).Split('+')[0];
}
