using System.Runtime.InteropServices;
using Cloud.Unum.USearch;

namespace Unlearn.USearch;

/// <summary>USearch's C interface: its class for .NET sets no numbers of threads, on which the graph depends.</summary>
internal sealed unsafe class IndexHandle : SafeHandle
{
    private const string Library = "libusearch_c";

    public IndexHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    public static IndexHandle Make(IndexOptions options)
    {
        var made = new IndexHandle();
        made.SetHandle(usearch_init(ref options, out var error));
        Check(error);
        return made;
    }

    public void Reserve(long count)
    {
        usearch_reserve(this, (nuint)count, out var error);
        Check(error);
    }

    public void SetThreads(int adding, int searching)
    {
        usearch_change_threads_add(this, (nuint)adding, out var error);
        Check(error);
        usearch_change_threads_search(this, (nuint)searching, out error);
        Check(error);
    }

    public void Add(ulong key, ReadOnlySpan<float> point)
    {
        fixed (float* values = point)
        {
            usearch_add(this, key, values, ScalarKind.Float32, out var error);
            Check(error);
        }
    }

    public int Search(ReadOnlySpan<float> query, Span<ulong> keys)
    {
        var distances = new float[keys.Length];
        fixed (float* values = query)
        fixed (ulong* found = keys)
        fixed (float* near = distances)
        {
            var count = usearch_search(this, values, ScalarKind.Float32, (nuint)keys.Length, found, near, out var error);
            Check(error);
            return (int)count;
        }
    }

    protected override bool ReleaseHandle()
    {
        usearch_free(handle, out _);
        return true;
    }

    private static void Check(nint error)
    {
        if (error != 0)
            throw new InvalidOperationException($"USearch says: {Marshal.PtrToStringUTF8(error)}");
    }

    [DllImport(Library)]
    private static extern nint usearch_init(ref IndexOptions options, out nint error);

    [DllImport(Library)]
    private static extern void usearch_free(nint index, out nint error);

    [DllImport(Library)]
    private static extern void usearch_reserve(IndexHandle index, nuint capacity, out nint error);

    [DllImport(Library)]
    private static extern void usearch_change_threads_add(IndexHandle index, nuint threads, out nint error);

    [DllImport(Library)]
    private static extern void usearch_change_threads_search(IndexHandle index, nuint threads, out nint error);

    [DllImport(Library)]
    private static extern void usearch_add(IndexHandle index, ulong key, float* vector, ScalarKind kind, out nint error);

    [DllImport(Library)]
    private static extern nuint usearch_search(
        IndexHandle index, float* query, ScalarKind kind, nuint limit, ulong* keys, float* distances, out nint error);
}
