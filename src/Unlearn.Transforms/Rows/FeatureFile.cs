using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Unlearn.Transforms.Rows;

/// <summary>
/// Features in a file, row by row, <c>float32</c>, after the room of a header. They are read, not mapped: pages of a map count as the process's memory,
/// and a mapped file that somebody cuts kills the process.
/// </summary>
internal sealed class FeatureFile : IFeatureSource
{
    /// <summary>Room before the features, in bytes.</summary>
    public const int HeaderSize = 64;

    private const int ValuesAtOnce = 1 << 18;

    private readonly float[] _added;
    private int _written;
    private int _waiting;
    private int _users = 1;

    private FeatureFile(string path, SafeFileHandle handle, int width, int count)
    {
        (Path, Handle, Width, _written) = (path, handle, width, count);
        RowsAtOnce = Math.Max(1, ValuesAtOnce / width);
        _added = new float[count > 0 ? 0 : RowsAtOnce * width];
    }

    public string Path { get; }

    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    public SafeFileHandle Handle { get; }

    public int Width { get; }

    public int Count => _written + _waiting;

    /// <summary>Rows that are read or written at once.</summary>
    public int RowsAtOnce { get; }

    /// <summary>Checks an option that names a folder for temporary files.</summary>
    /// <exception cref="ArgumentException">It is not there.</exception>
    public static void CheckFolder(string? folder, string option)
    {
        if (folder is not null && !Directory.Exists(folder))
            throw new ArgumentException($"There is no folder '{folder}': make it, or leave {option} out.", option);
    }

    /// <summary>A file without rows that is gone when it is closed, or when the process ends.</summary>
    public static FeatureFile Temporary(string folder, int width)
    {
        var path = System.IO.Path.Combine(folder, $"unlearn-{System.IO.Path.GetRandomFileName()}.rows");
        var options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, options);
        if (!OperatingSystem.IsWindows())
            File.Delete(path); // It has no name any more, but lives as long as its handle.
        return new(path, handle, width, 0);
    }

    /// <summary>A file without rows, in place of another of that name.</summary>
    public static FeatureFile Create(string path, int width) =>
        new(path, File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete), width, 0);

    /// <summary>A file that has rows.</summary>
    public static FeatureFile Open(string path, SafeFileHandle handle, int width, int count) => new(path, handle, width, count);

    /// <summary>This file for one more user, who disposes it, too.</summary>
    public FeatureFile Shared()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Add(float[] row) => Add(row.AsSpan());

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        row.CopyTo(_added.AsSpan(_waiting * Width));
        if (++_waiting == RowsAtOnce)
            Flush();
    }

    /// <summary>Writes what waits to be written.</summary>
    public void Flush()
    {
        if (_waiting == 0)
            return;
        RandomAccess.Write(Handle, MemoryMarshal.AsBytes(_added.AsSpan(0, _waiting * Width)), Place(_written));
        (_written, _waiting) = (_written + _waiting, 0);
    }

    public void Read(int row, Span<float> values)
    {
        Flush();
        var bytes = MemoryMarshal.AsBytes(values);
        for (var place = Place(row); bytes.Length > 0;)
        {
            var read = RandomAccess.Read(Handle, bytes, place);
            if (read == 0)
                throw new EndOfStreamException($"The file '{Path}' of training rows was cut while it was in use: make the rows again.");
            bytes = bytes[read..];
            place += read;
        }
    }

    public IFeatureSource InOrder(int[] order)
    {
        Flush();
        if (order.AsSpan().SequenceEqual([.. Enumerable.Range(0, order.Length)]))
            return this;
        var ordered = Copy(order);
        Dispose();
        return ordered;
    }

    /// <summary>Some of the rows in a temporary file beside this one.</summary>
    public FeatureFile Copy(int[] rows)
    {
        var copy = Temporary(Folder, Width);
        try
        {
            CopyTo(copy, rows);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Adds the rows to another file, in an order.</summary>
    public void CopyTo(FeatureFile other, int[] order)
    {
        Flush();
        var row = new float[Width];
        foreach (var from in order)
        {
            Read(from, row);
            other.Add(row);
        }
        other.Flush();
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Handle.Dispose();
    }

    private long Place(int row) => HeaderSize + (long)row * Width * sizeof(float);
}
