namespace Unlearn.Distributed.Jobs;

/// <summary>Items that several jobs use at once and that are dear to make: each is made once, and goes when others are wanted and nobody uses it.</summary>
/// <param name="capacity">Number of items to keep.</param>
internal sealed class SharedItems<T>(int capacity) : IDisposable
    where T : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(string Key, Entry Entry)> _entries = [];

    private sealed class Entry(Func<T> make)
    {
        public int Users { get; set; }

        public Lazy<T> Item { get; } = new(make);
    }

    /// <summary>Uses an item.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="make">Makes it; if that fails, the next use tries again.</param>
    /// <param name="use">Uses it.</param>
    public void Use(string key, Func<T> make, Action<T> use)
    {
        var entry = Take(key, make);
        try
        {
            use(entry.Item.Value);
        }
        finally
        {
            GiveBack(key, entry);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, entry) in _entries)
            Dispose(entry);
    }

    private Entry Take(string key, Func<T> make)
    {
        lock (_gate)
        {
            var place = _entries.FindIndex(item => item.Key == key);
            var entry = place < 0 ? new Entry(make) : _entries[place].Entry;
            if (place >= 0)
                _entries.RemoveAt(place);
            _entries.Add((key, entry)); // the latest are at the end
            entry.Users++;
            return entry;
        }
    }

    private void GiveBack(string key, Entry entry)
    {
        lock (_gate)
        {
            entry.Users--;
            if (!entry.Item.IsValueCreated)
                _entries.Remove((key, entry));
            while (_entries.Count > capacity && _entries.FindIndex(item => item.Entry.Users == 0) is >= 0 and var idle)
            {
                Dispose(_entries[idle].Entry);
                _entries.RemoveAt(idle);
            }
        }
    }

    private static void Dispose(Entry entry)
    {
        if (entry.Item.IsValueCreated)
            entry.Item.Value.Dispose();
    }
}
