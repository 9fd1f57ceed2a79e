using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using TorchSharp;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Reports;

namespace Unlearn.MLNet.Erasure.Proof;

/// <summary>Writes certificates, from the log alone, and notes their hashes in it.</summary>
internal static class CertificateFiles
{
    private const int NameDigits = 12;
    private const int LongestName = 40;

    private static readonly string[] Approximate =
    [
        "An approximate method is no certified removal: no theorem bounds what is left in the parameters.",
        "The audit is statistical: it compares the model's answers on the erased rows with the answers of models that never saw them. Other questions, "
        + "or attacks on the parameters, may tell more.",
    ];

    private static readonly string[] Always =
    [
        "Copies of earlier models, of the rows, and of what was derived from them outside the workspace are not known to it.",
        "Requests that were chosen after models were released (adaptive deletion) are outside what audits of single requests show.",
        "Near-duplicates that stay keep alive what they share with erased rows.",
        "Features that were made of all rows, such as means, categories and vocabularies, keep what they learned of erased rows until they are made anew.",
    ];

    public static string JsonPath(WorkspaceFolder folder, string requestId) => Path.Combine(folder.Certificates, $"{FileName(requestId)}.json");

    /// <summary>Writes the certificate of a completed request.</summary>
    public static void Write(WorkspaceState state, RequestState request)
    {
        var certificate = Of(state.Log.Entries, request);
        var json = JsonSerializer.SerializeToUtf8Bytes(certificate, ErasureJson.Indented);
        var page = Encoding.UTF8.GetBytes(CertificatePage.Render(certificate));
        var path = JsonPath(state.Folder, request.Id);
        AtomicFile.Write(path, stream => stream.Write(json));
        AtomicFile.Write(Path.ChangeExtension(path, ".html"), stream => stream.Write(page));
        state.Log.Append(EntryKind.Certified, new()
        {
            ["request"] = request.Id, ["file"] = Path.GetFileName(path), ["json"] = Hash(json), ["page"] = Hash(page),
        });
    }

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The certificate of a completed request.</summary>
    public static ErasureCertificate Of(IReadOnlyList<LogEntry> entries, RequestState request)
    {
        var completed = request.Completed!;
        var method = completed.Text("method");
        var model = completed.Text("model");
        var unlearned = request.Entries.LastOrDefault(entry => entry.Kind == EntryKind.Unlearned && entry.Text("modelAfter") == model);
        var before =
            entries.Last(entry => entry.Index < completed.Index && entry.Kind is EntryKind.Created or EntryKind.Completed && entry.Index < completed.Index);
        ErasureAudit[] audits = [.. request.Entries.Where(entry => entry.Kind == EntryKind.Audited).Select(entry => entry.Read<ErasureAudit>("audit"))];
        return new()
        {
            RequestId = request.Id, Rows = request.Rows, ReceivedAt = request.ReceivedAt, DueAt = request.DueAt, CompletedAt = completed.Time, Method = method,
            Specification = unlearned?.Text("specification") ?? "", Seed = unlearned?.Data["seed"]!.GetValue<long>(),
            Seconds = unlearned?.Data["seconds"]!.GetValue<double>() ?? 0, PlanReason = request.Planned!.Text("reason"),
            ModelBefore = before.Text("model"), ModelAfter = model, Audits = audits, LogIndex = completed.Index, LogHash = completed.Hash,
            Versions = Versions(), NotProven = [.. completed.IsTraining ? [] : Approximate, .. Always],
        };
    }

    private static Dictionary<string, string> Versions() => new(StringComparer.Ordinal)
    {
        ["Unlearn.MLNet"] = Version(typeof(CertificateFiles)), ["Microsoft.ML"] = Version(typeof(MLContext)), ["TorchSharp"] = Version(typeof(torch)),
        [".NET"] = Environment.Version.ToString(), ["System"] = $"{RuntimeInformation.RuntimeIdentifier}",
    };

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? type.Assembly.GetName().Version?.ToString() ?? "";

    // Ids come from users: their characters need not be those of file names, and two that differ in case only must not share a file.
    private static string FileName(string requestId)
    {
        var readable =
            new string([.. requestId.Take(LongestName).Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_')]);
        return $"{readable}-{Hash(Encoding.UTF8.GetBytes(requestId))[..NameDigits]}";
    }
}
