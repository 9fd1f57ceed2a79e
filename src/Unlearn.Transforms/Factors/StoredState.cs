using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors;

/// <summary>The state of a statistic of which one entry, with a row for each training row, is in a file. Who asks for it as a tensor loads it.</summary>
internal sealed class StoredState : IReadOnlyDictionary<string, torch.Tensor>, IDisposable
{
    private readonly string _name;
    private readonly RowMatrix _rows;

    private StoredState(IReadOnlyDictionary<string, torch.Tensor> inMemory, string name, RowMatrix rows) => (InMemory, _name, _rows) = (inMemory, name, rows);

    /// <summary>All other entries.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> InMemory { get; }

    public IEnumerable<string> Keys => InMemory.Keys.Append(_name);

    public IEnumerable<torch.Tensor> Values => Keys.Select(key => this[key]);

    public int Count => InMemory.Count + 1;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The entry in the file is too large for a tensor or a saved model.</exception>
    public torch.Tensor this[string key] => key != _name ? InMemory[key]
        : _rows.Count * _rows.Width <= Array.MaxLength / sizeof(long) ? _rows.Slice(0, _rows.Count)
        : throw new InvalidOperationException($"The hardness factors hold {_rows.Count} training rows × {_rows.Width} numbers for the search of neighbors, "
            + "in a file: too much for a tensor or a saved model. To save, leave the neighborhood factors out, or fit on fewer rows.");

    /// <summary>Entries and one more, wherever that is.</summary>
    public static IReadOnlyDictionary<string, torch.Tensor> Of(Dictionary<string, torch.Tensor> entries, string name, RowMatrix rows)
    {
        if (rows.Tensor is null)
            return new StoredState(entries, name, rows);
        entries[name] = rows.Tensor;
        return entries;
    }

    /// <summary>Consecutive rows of an entry, which is not loaded as a whole.</summary>
    public static torch.Tensor Slice(IReadOnlyDictionary<string, torch.Tensor> state, string name, long start, long count) =>
        state is StoredState stored && name == stored._name ? stored._rows.Slice(start, count) : state[name].narrow(0, start, count);

    /// <summary>Some rows of an entry, which is not loaded as a whole.</summary>
    public static torch.Tensor Select(IReadOnlyDictionary<string, torch.Tensor> state, string name, torch.Tensor positions) =>
        state is StoredState stored && name == stored._name ? stored._rows.Select(positions) : state[name].index_select(0, positions);

    /// <summary>The same with other entries in memory.</summary>
    public StoredState With(IReadOnlyDictionary<string, torch.Tensor> inMemory) => new(inMemory, _name, _rows);

    public bool ContainsKey(string key) => key == _name || InMemory.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out torch.Tensor value)
    {
        value = ContainsKey(key) ? this[key] : null;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, torch.Tensor>> GetEnumerator() => Keys.Select(key => KeyValuePair.Create(key, this[key])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _rows.Dispose();
        foreach (var tensor in InMemory.Values)
            tensor.Dispose();
    }
}
