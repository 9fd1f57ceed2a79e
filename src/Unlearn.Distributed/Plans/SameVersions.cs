using System.Reflection;
using TorchSharp;

namespace Unlearn.Distributed.Plans;

/// <summary>Versions that workers and coordinator need alike.</summary>
internal static class SameVersions
{
    private const string Cure = "install the same packages on workers and coordinator.";

    /// <summary>Versions of TorchSharp and libtorch of this process.</summary>
    public static string Torch => $"TorchSharp {Of(typeof(torch))}, libtorch {torch.__version__}";

    /// <summary>Version of a type's package.</summary>
    public static string Of(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? $"{type.Assembly.GetName().Version}";

    /// <exception cref="DistributedTrialsException">A document has a format that this program does not read.</exception>
    public static void RequireFormat(string document, int format, int known)
    {
        if (format != known)
            throw new DistributedTrialsException($"The {document} has format {format}, but the worker reads format {known}: {Cure}");
    }

    /// <exception cref="DistributedTrialsException">The worker has other versions than the coordinator.</exception>
    public static void Require(string worker, string coordinator)
    {
        if (worker != coordinator)
            throw new DistributedTrialsException($"The worker has {worker}, but the coordinator has {coordinator}: {Cure}");
    }
}
