using System.Text;
using System.Text.Json.Nodes;

namespace Unlearn.MLNet.Erasure.Log;

/// <summary>An append-only log on disk. An entry is there wholly and for good, or not at all.</summary>
internal sealed class ErasureLog : IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly List<LogEntry> _entries;
    private bool _isBroken;

    /// <summary>Opens a log, or begins one.</summary>
    /// <exception cref="FormatException">An entry was changed, or is missing.</exception>
    public ErasureLog(string path, TimeProvider time)
    {
        _time = time;
        _file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0); // what a failed write leaves must not come out later
        try
        {
            var bytes = new byte[_file.Length];
            _file.ReadExactly(bytes);
            // A line without its end was never acknowledged: its writer was killed, or the disk was full.
            var kept = Array.LastIndexOf(bytes, (byte)'\n') + 1;
            _entries = [.. LogText.Read(bytes.AsSpan(0, kept))];
            if (kept == bytes.Length)
                return;
            _file.SetLength(kept);
            Append(EntryKind.Recovered, new() { ["droppedBytes"] = bytes.Length - kept });
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>All entries, in order.</summary>
    public IReadOnlyList<LogEntry> Entries => _entries;

    /// <summary>Hash of the latest entry.</summary>
    public string Head => _entries.Count == 0 ? LogText.NoHash : _entries[^1].Hash;

    /// <summary>Adds an entry, which is on disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written; the log is as before.</exception>
    public LogEntry Append(string kind, JsonObject data)
    {
        var (entry, line) = LogText.Write(_entries.Count, _time.GetUtcNow(), kind, data, Head);
        if (_isBroken)
            throw new IOException("An earlier entry of the erasure log was written in part and could not be taken back: open the workspace again.");
        var length = _file.Length;
        try
        {
            _file.Position = length;
            _file.Write(Encoding.UTF8.GetBytes(line));
            _file.Flush(flushToDisk: true);
        }
        catch (IOException cause)
        {
            TakeBack(length);
            throw new IOException($"The erasure log could not be written, so the step counts as not done: {cause.Message} Make room and run it again.", cause);
        }
        _entries.Add(entry);
        return entry;
    }

    private void TakeBack(long length)
    {
        try
        {
            _file.SetLength(length);
        }
        catch (IOException)
        {
            _isBroken = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
