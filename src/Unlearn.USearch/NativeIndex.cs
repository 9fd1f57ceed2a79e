using Unlearn.Transforms.Factors.Neighborhood;
using Cloud.Unum.USearch;

namespace Unlearn.USearch;

/// <summary>
/// USearch's index of cosines over points in half precision. Levels are drawn by the generator of the thread that adds, and there is one such thread: more
/// would make the graph depend on their number.
/// </summary>
internal sealed class NativeIndex : INearPoints
{
    // Raised when the same settings give another index.
    private const long Version = 1;
    private const int Connectivity = 16;
    private const int ExpansionAdd = 128;
    private const int ExpansionSearch = 128;

    private static readonly int Searchers = Math.Max(1, Environment.ProcessorCount);

    private readonly IndexHandle _index;
    private readonly SemaphoreSlim _free = new(Searchers);
    private readonly int _width;
    private ulong _count;

    /// <param name="width">Dimensions of a point.</param>
    /// <param name="count">Number of points to come.</param>
    public NativeIndex(int width, long count)
    {
        _width = width;
        _index = IndexHandle.Make(new(MetricKind.Cos, default, ScalarKind.Float16, (ulong)width, Connectivity, ExpansionAdd, ExpansionSearch, false));
        _index.Reserve(count);
        _index.SetThreads(adding: 1, searching: 1);
    }

    /// <summary>What the index depends on.</summary>
    public static IReadOnlyList<long> Settings { get; } = [Version, Connectivity, ExpansionAdd, ExpansionSearch];

    /// <summary>Makes an index and frees it.</summary>
    /// <exception cref="NotSupportedException">The native library cannot be loaded.</exception>
    public static void Check()
    {
        try
        {
            new NativeIndex(1, 1).Dispose();
        }
        catch (Exception cause) when (cause is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw Unavailable(cause);
        }
    }

    /// <summary>The error where the native library cannot be loaded.</summary>
    internal static NotSupportedException Unavailable(Exception cause) => new(
        "The native library of USearch cannot be loaded. It is there for Linux and Windows on x64 and macOS on ARM, and needs libgomp.so.1 on Linux "
        + $"(apt-get install libgomp1): leave {nameof(HnswNeighbors)} out where neither helps, and neighbors are exact. {cause.Message.Split('\n')[0]}", cause);

    public void Add(ReadOnlySpan<float> point) => _index.Add(_count++, Checked(point));

    public void Complete() => _index.SetThreads(adding: 1, Searchers);

    public int Find(ReadOnlySpan<float> query, Span<ulong> positions)
    {
        Checked(query);
        _free.Wait(); // A search without a free thread of the index reads memory that is not its own.
        try
        {
            return _index.Search(query, positions);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _index.Dispose();
        _free.Dispose();
    }

    private ReadOnlySpan<float> Checked(ReadOnlySpan<float> point) => point.Length == _width
        ? point
        : throw new ArgumentException(Invariant($"A point has {point.Length} numbers, but the index has {_width} dimensions."), nameof(point));
}
