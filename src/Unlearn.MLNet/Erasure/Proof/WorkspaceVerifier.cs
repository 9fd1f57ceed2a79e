using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;

namespace Unlearn.MLNet.Erasure.Proof;

/// <summary>Checks a workspace's files against its log.</summary>
internal static class WorkspaceVerifier
{
    public static ErasureVerification Verify(WorkspaceFolder folder, string? expectedLogHash)
    {
        List<string> problems = [];
        IReadOnlyList<LogEntry> entries;
        try
        {
            entries = LogText.Read(ReadLog(folder.Log));
        }
        catch (Exception damaged) when (damaged is FormatException or FileNotFoundException)
        {
            return new() { Problems = [damaged.Message], Entries = 0, LogHash = LogText.NoHash, Certificates = 0 };
        }
        if (entries.Count == 0)
            problems.Add("The erasure log is empty.");
        else if (!ModelFile.IsIntact(folder.Models, entries.Last(entry => entry.Kind is EntryKind.Created or EntryKind.Completed).Text("model")))
            problems.Add("The file of the model is missing or was changed.");
        if (expectedLogHash is not null && !entries.Any(entry => entry.Hash == expectedLogHash))
            problems.Add($"The erasure log has no entry with hash {expectedLogHash}: entries were taken away, or it is another log.");
        var certificates =
            entries.Where(entry => entry.Kind == EntryKind.Certified).GroupBy(entry => entry.Text("request")).Select(same => same.Last()).ToList();
        var intact = certificates.Count(entry => IsIntact(folder, entry, problems));
        foreach (var request in RequestState.All(entries).Values.Where(request => request.Completed is not null))
            if (certificates.TrueForAll(entry => entry.Text("request") != request.Id))
                problems.Add($"Request '{request.Id}' has no certificate: open the workspace, which writes it.");
        return new() { Problems = problems, Entries = entries.Count, LogHash = entries.Count == 0 ? LogText.NoHash : entries[^1].Hash, Certificates = intact };
    }

    // The workspace may be open for writing.
    private static byte[] ReadLog(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static bool IsIntact(WorkspaceFolder folder, LogEntry entry, List<string> problems)
    {
        var path = Path.Combine(folder.Certificates, entry.Text("file"));
        var isIntact = true;
        foreach (var (file, hash) in new[] { (path, entry.Text("json")), (Path.ChangeExtension(path, ".html"), entry.Text("page")) })
            if (!File.Exists(file) || CertificateFiles.Hash(File.ReadAllBytes(file)) != hash)
            {
                problems.Add($"Certificate '{Path.GetFileName(file)}' is missing or was changed.");
                isIntact = false;
            }
        return isIntact;
    }
}
