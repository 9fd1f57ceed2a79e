using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Unlearn.Tests;

/// <summary>
/// Torch begins with one thread in tests and in the processes that they start, unless OMP_NUM_THREADS says otherwise. Beside other test processes, the
/// threads of OpenMP wait for each other by running: the conformance of the unlearners took 352 s of CPU time with two threads, and 7 s with one.
/// </summary>
internal static class OneTorchThread
{
    private const string Variable = "OMP_NUM_THREADS";

    [ModuleInitializer]
    internal static void Set()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
            return;
        Environment.SetEnvironmentVariable(Variable, "1");
        // .NET keeps variables of its own on Unix, which native libraries never see.
        if (!OperatingSystem.IsWindows())
            _ = SetNative(Variable, "1", 1);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNative(string name, string value, int overwrite);
}
