using System.Text.Json.Nodes;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Reports;

namespace Unlearn.MLNet.Erasure.Purging;

/// <summary>Removes erased rows from all that was derived from them.</summary>
internal static class Purger
{
    /// <summary>Rewrites what can do without the rows, and deletes the rest.</summary>
    /// <returns>The files that were rewritten or deleted.</returns>
    public static IReadOnlyList<DerivedFile> Run(WorkspaceState state)
    {
        var erased = WorkspaceState.ErasedBy(state.Requests).Keys.ToHashSet(StringComparer.Ordinal);
        if (erased.Count == 0)
            return [];
        List<DerivedFile> touched = [];
        foreach (var file in Inventory.Of(state))
            if (Purge(state, file, erased))
                touched.Add(file);
        state.Log.Append(EntryKind.Purged, new()
        {
            ["files"] = new JsonArray([.. touched.Select(file => (JsonNode)new JsonObject
            {
                ["file"] = Path.GetFileName(file.Path), ["remembers"] = file.Remembers, ["action"] = file.IsRewritten ? "rewritten" : "deleted",
            })]),
        });
        return touched;
    }

    private static bool Purge(WorkspaceState state, DerivedFile file, HashSet<string> erased)
    {
        if (!file.IsRewritten)
        {
            File.Delete(file.Path);
            return true;
        }
        if (file.Path == state.Folder.Labels)
        {
            var gone = state.Labels.Ids.Where(id => erased.Contains(state.Hasher.OfId(id))).ToHashSet(StringComparer.Ordinal);
            if (gone.Count == 0)
                return false;
            state.Labels = state.Labels.Without(gone);
            state.Folder.WriteLabels(state.Context, state.Labels);
            return true;
        }
        if (file.Path == state.Folder.Rows)
        {
            var register = RowRegister.Read(file.Path);
            if (!register.Contents.Keys.Any(erased.Contains))
                return false;
            register.Without(erased).Write(file.Path);
            return true;
        }
        return PurgeTable(file.Path, Inventory.RowIdColumn(file.Path, state.Options.RowIdColumnName), state.Hasher, erased);
    }

    private static bool PurgeTable(string path, int idColumn, RowHasher hasher, HashSet<string> erased)
    {
        var lines = CsvText.Read(File.ReadAllText(path)).ToList();
        var kept = lines.Where(line => idColumn >= line.Length || !erased.Contains(hasher.OfId(line[idColumn]))).ToList();
        if (kept.Count == lines.Count)
            return false;
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            foreach (var line in kept)
                writer.Write($"{string.Join(',', line.Select(CsvText.Cell))}\n");
        });
        return true;
    }
}
