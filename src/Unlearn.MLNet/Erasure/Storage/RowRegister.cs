using System.Text;
using Unlearn.MLNet.Reports;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>The rows that a model was trained on, as keyed hashes: tells unknown rows, changed ones and missing ones.</summary>
/// <param name="Contents">Hash of each row's content, by the hash of its id.</param>
internal sealed record RowRegister(IReadOnlyDictionary<string, string> Contents)
{
    private const int ShownIds = 5;

    public static RowRegister Of(TrainingRows rows, RowHasher hasher) => new(Enumerable.Range(0, rows.Count)
        .ToDictionary(row => hasher.OfId(rows.Ids[row]), row => hasher.OfContent(rows, row), StringComparer.Ordinal));

    public static RowRegister Read(string path) =>
        new(File.ReadLines(path).Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal));

    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        foreach (var (id, content) in Contents.OrderBy(row => row.Key, StringComparer.Ordinal))
            writer.Write($"{id} {content}\n");
    });

    public RowRegister Without(IReadOnlySet<string> hashes) =>
        new(Contents.Where(row => !hashes.Contains(row.Key)).ToDictionary(row => row.Key, row => row.Value, StringComparer.Ordinal));

    /// <summary>Those of some rows that are not erased, after checking that they are what the model was trained on.</summary>
    /// <param name="rows">All rows that there are. Erased ones may be among them or not.</param>
    /// <param name="hasher">Makes the hashes.</param>
    /// <param name="erased">Hashes of erased rows.</param>
    /// <exception cref="InvalidOperationException">Rows were added, changed, or are missing without having been erased.</exception>
    public TrainingRows Check(TrainingRows rows, RowHasher hasher, IReadOnlySet<string> erased)
    {
        List<int> kept = [];
        List<string> added = [];
        List<string> changed = [];
        for (var row = 0; row < rows.Count; row++)
        {
            var hash = hasher.OfId(rows.Ids[row]);
            if (erased.Contains(hash))
                continue;
            kept.Add(row);
            if (!Contents.TryGetValue(hash, out var content))
                added.Add(rows.Ids[row]);
            else if (content != hasher.OfContent(rows, row))
                changed.Add(rows.Ids[row]);
        }
        if (added.Count > 0)
            throw new InvalidOperationException(
                $"{Names(added)} not among the rows that the model was trained on: give those rows, or create a workspace for a new model.");
        if (changed.Count > 0)
            throw new InvalidOperationException($"{Names(changed)} changed since the model was trained: give the rows as they were.");
        var missing = Contents.Keys.Count(hash => !erased.Contains(hash)) - kept.Count;
        return missing == 0
            ? rows.Only([.. kept])
            : throw new InvalidOperationException($"{missing} rows are missing that were never erased: a model is only retrained from all rows that stay.");

        static string Names(List<string> ids) =>
            $"{(ids.Count == 1 ? "Row" : $"{ids.Count} rows, among them")} {string.Join(", ", ids.Take(ShownIds).Select(id => $"'{id}'"))} "
            + $"{(ids.Count == 1 ? "is" : "are")}";
    }
}
