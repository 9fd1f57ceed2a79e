using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Unlearn.Transforms.Interop;

/// <summary>
/// The entries of a saved model. Each is read and checked when it is asked for, so that nothing is unpacked that nobody needs. Names are those behind
/// a prefix.
/// </summary>
internal sealed class SavedFile : IReadOnlyDictionary<string, byte[]>
{
    private readonly Dictionary<string, Lazy<byte[]>> _entries;
    private readonly string _prefix;

    private SavedFile(Dictionary<string, Lazy<byte[]>> entries, string prefix) => (_entries, _prefix) = (entries, prefix);

    /// <param name="entries">By name, what reads an entry.</param>
    public SavedFile(IEnumerable<KeyValuePair<string, Func<byte[]>>> entries)
        : this(entries.ToDictionary(entry => entry.Key, entry => new Lazy<byte[]>(entry.Value), StringComparer.Ordinal), "")
    {
    }

    /// <summary>Those entries whose names begin with a prefix, which is cut off.</summary>
    public SavedFile Under(string prefix) => new(_entries, _prefix + prefix);

    /// <summary>The first entry that was never asked for; <see langword="null"/> if there is none.</summary>
    public string? FindUnread() => _entries.FirstOrDefault(entry => !entry.Value.IsValueCreated).Key;

    public int Count => Keys.Count();

    public IEnumerable<string> Keys => _entries.Keys.Where(name => name.StartsWith(_prefix, StringComparison.Ordinal)).Select(name => name[_prefix.Length..]);

    public IEnumerable<byte[]> Values => Keys.Select(name => this[name]);

    public byte[] this[string key] => TryGetValue(key, out var content) ? content : throw new KeyNotFoundException($"There is no entry '{key}'.");

    public bool ContainsKey(string key) => _entries.ContainsKey(_prefix + key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out byte[] value)
    {
        value = _entries.GetValueOrDefault(_prefix + key)?.Value;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, byte[]>> GetEnumerator() => Keys.Select(name => KeyValuePair.Create(name, this[name])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
