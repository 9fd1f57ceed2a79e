using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.TestPrograms.Devices;

/// <summary>
/// The lazy backend of libtorch's CPU build, as a device that is not the CPU: it refuses tensors of another device, and results come back by copies alone.
/// It is not made for that: one operation that fails, and the next ones fail too.
/// </summary>
internal static class LazyDevice
{
    private const string Library = "libtorch_cpu.so";

    // c10::DeviceType::Lazy, which TorchSharp does not name.
    private const DeviceType Lazy = (DeviceType)17;

    public static TorchDevice Instance { get; } = TorchDevice.OfType(Lazy, 0);

    /// <summary>Makes the device known, and what <see cref="TorchDevice.Auto"/> finds.</summary>
    public static void Start()
    {
        TorchRuntime.EnsureAvailable();
        Initialize();
        torch.set_num_threads(1); // the networks are tiny
        // A number becomes a constant of the recorded program. As a tensor it would be a double, and make one of a tensor without dimensions.
        Set("FLAGS_torch_lazy_handle_special_scalars", (byte)1);
        Set("FLAGS_torch_lazy_all_numbers_special_scalars", (byte)1);
        TorchDevice.Found = Instance;
    }

    /// <summary>Computes what was recorded. Otherwise each result repeats all work before it: only what is asked for is kept.</summary>
    public static void Synchronize() => Synchronize(Executor(), 0, 0, 0, 1);

    /// <summary>How many programs were computed so far: one each time that the CPU asked for a result that was not there.</summary>
    public static long Waits()
    {
        // A std::string of libstdc++: where its characters are, their number, and room for short ones. Nothing here can free it.
        var text = new nint[4];
        MetricReport(text);
        var report = Marshal.PtrToStringUTF8(text[0], (int)text[1]);
        return Regex.Match(report, @"Metric: TensorsGraphSize\s+TotalSamples: (\d+)") is { Success: true } found
            ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    private static void Set<T>(string flag, T value)
        where T : unmanaged => Marshal.StructureToPtr(value, NativeLibrary.GetExport(NativeLibrary.Load(Library, typeof(torch).Assembly, null), flag), false);

    [DllImport(Library, EntryPoint = "_ZN5torch4lazy22InitTorchScriptBackendEv")]
    private static extern void Initialize();

    [DllImport(Library, EntryPoint = "_ZN5torch4lazy17LazyGraphExecutor3GetEv")]
    private static extern nint Executor();

    // The result's place is passed in front.
    [DllImport(Library, EntryPoint = "_ZN5torch4lazy18CreateMetricReportB5cxx11Ev")]
    private static extern void MetricReport(nint[] text);

    // An empty list of devices is passed as two words.
    [DllImport(Library, EntryPoint = "_ZN5torch4lazy17LazyGraphExecutor20SyncLiveTensorsGraphEPKNS0_13BackendDeviceEN3c108ArrayRef"
        + "INSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEEb")]
    private static extern void Synchronize(nint executor, nint device, nint devices, nint count, byte waits);
}
