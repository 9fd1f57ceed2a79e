using System.Diagnostics;
using System.Text.Json.Nodes;
using Unlearn.MLNet.Erasure.Auditing;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Triage;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Execution;

/// <summary>Runs one method for one request, or for all that wait, and audits the model that it makes. What the log has is not done again.</summary>
/// <param name="state">The workspace.</param>
/// <param name="requests">The requests, which are in the log.</param>
/// <param name="progress">Gets a line after each step; may be <see langword="null"/>.</param>
internal sealed class MethodRunner(WorkspaceState state, IReadOnlyList<RequestState> requests, IProgress<string>? progress) : IDisposable
{
    private (AuditReferences References, double Seconds)? _references;
    private Auditor? _auditor;

    /// <summary>The rows that the model is to keep, and where those to forget are among them.</summary>
    public UnlearningRequest Case { get; } = MakeCase(state, requests);

    /// <summary>Makes the model of a method.</summary>
    /// <returns>The model, which the caller owns unless it is the workspace's; and its hash.</returns>
    public (ITarget Model, string Hash) Run(TriageMethod method, CancellationToken cancellationToken)
    {
        if (method.Name == ErasurePlan.Nothing)
            return (state.Model, state.ModelHash);
        if (Finished(method.Name) is { } finished)
            return (ModelFile.Load(state.Environment, state.Folder.Models, finished), finished);
        var unlearner = state.Unlearner(method.Name);
        progress?.Report($"{Names}: {method.Name} on {Case.Forget.Count} of {Case.Rows.Count} rows");
        var clock = Stopwatch.GetTimestamp();
        var seed = Seed.Derive(Case.Seed, method.Name);
        var request = new UnlearningRequest(state.Model, state.Options.Recipe, Case.Rows, Case.Forget, seed);
        using var unlearned = unlearner.Unlearn(request, cancellationToken);
        var model = unlearned.Model.Clone();
        var hash = ModelFile.Save(state.Folder.Models, model);
        state.Log.Append(EntryKind.Unlearned, new()
        {
            ["requests"] = Ids(), ["method"] = method.Name, ["specification"] = unlearner.Specification, ["seed"] = seed, ["modelBefore"] = state.ModelHash,
            ["modelAfter"] = hash, ["seconds"] = Stopwatch.GetElapsedTime(clock).TotalSeconds,
        });
        return (model, hash);
    }

    /// <summary>Audits a model, for each request by itself.</summary>
    /// <returns>The audits by the requests' ids.</returns>
    public IReadOnlyDictionary<string, ErasureAudit> Audit(TriageMethod method, ITarget model, string hash, CancellationToken cancellationToken)
    {
        Dictionary<string, ErasureAudit> audits = new(StringComparer.Ordinal);
        foreach (var request in requests)
        {
            var forget = Forgotten(request);
            if (forget.Count == 0)
                continue;
            var references = AuditReferences.FromLabels(state.Labels, Case.Rows, forget, state.Tolerance) is { } known ? (known, 0)
                : method.IsExact ? (AuditReferences.None("none: not all rows are labeled, and the model never saw them by construction"), 0)
                : state.Options.Policy.AuditModels == 0 ? (AuditReferences.None("none: not all rows are labeled, and the policy makes no models for audits"), 0)
                : Retrained(cancellationToken);
            var audit = Auditor.Run(forget, method.Name, method.IsExact, model, hash, references);
            state.Log.Append(
                EntryKind.Audited, new() { ["request"] = request.Id, ["audit"] = System.Text.Json.JsonSerializer.SerializeToNode(audit, ErasureJson.Options) });
            progress?.Report($"{request.Id}: {method.Name} {(audit.Passed ? "passed" : "failed")} the audit. {audit.Reason}");
            audits.Add(request.Id, audit);
        }
        return audits;
    }

    /// <summary>Frees the rows of the case, unless they are the workspace's.</summary>
    public void Dispose()
    {
        if (!ReferenceEquals(Case.Rows, state.Rows))
            Case.Rows.Dispose();
    }

    private Auditor Auditor => _auditor ??= new(Case, state.TestRows, state.Options.Policy, state.Tolerance, state.Hasher, TrainedAccuracy());

    private string Names => string.Join(", ", requests.Select(request => request.Id));

    private JsonArray Ids() => [.. requests.Select(request => (JsonNode)request.Id)];

    private string? Finished(string method) => state.Log.Entries
        .Where(entry => entry.Kind == EntryKind.Unlearned && entry.Text("method") == method && entry.Text("modelBefore") == state.ModelHash
            && entry.Texts("requests").SequenceEqual(requests.Select(request => request.Id)))
        .Select(entry => entry.Text("modelAfter")).LastOrDefault(hash => ModelFile.IsIntact(state.Folder.Models, hash));

    private (AuditReferences, double) Retrained(CancellationToken cancellationToken)
    {
        if (_references is { } made)
            return made;
        var clock = Stopwatch.GetTimestamp();
        var references =
            AuditReferences.Retrain(Case, state.Options.Policy.AuditModels, state.Tolerance, state.Labels.Facts.Tolerance,
                line => progress?.Report($"{Names}: {line}"), cancellationToken);
        _references = made = (references, Stopwatch.GetElapsedTime(clock).TotalSeconds);
        return made;
    }

    /// <summary>Accuracy, retained and test, of the model as it was trained last: at first, or by an exact method.</summary>
    private (double Retained, double Test) TrainedAccuracy()
    {
        var trained = state.Log.Entries.Last(entry => entry.IsTraining);
        if (trained.Kind == EntryKind.Created)
            return (trained.Read<double>("retainedAccuracy"), trained.Read<double>("testAccuracy"));
        var audit = state.Log.Entries.Last(entry => entry.Kind == EntryKind.Audited && entry.Index < trained.Index).Read<ErasureAudit>("audit");
        return (audit.RetainedAccuracyAfter, audit.TestAccuracyAfter);
    }

    private List<int> Forgotten(RequestState request)
    {
        var own = request.Rows.ToHashSet(StringComparer.Ordinal);
        return [.. Case.Forget.Where(position => own.Contains(state.Hasher.OfId(Case.Rows.Ids[position])))];
    }

    private static UnlearningRequest MakeCase(WorkspaceState state, IReadOnlyList<RequestState> requests)
    {
        var forget = requests.SelectMany(request => request.Rows).ToHashSet(StringComparer.Ordinal);
        var waiting = state.Waiting.Except(requests).SelectMany(request => request.Rows).Where(row => !forget.Contains(row)).ToHashSet(StringComparer.Ordinal);
        string[] hashes = [.. state.Rows.Ids.Select(state.Hasher.OfId)];
        // Rows that wait are to go too: nothing is trained on them anymore.
        int[] kept = [.. Enumerable.Range(0, hashes.Length).Where(row => !waiting.Contains(hashes[row]))];
        var rows = kept.Length == hashes.Length ? state.Rows : state.Rows.Only(kept);
        int[] positions = [.. Enumerable.Range(0, kept.Length).Where(place => forget.Contains(hashes[kept[place]]))];
        return new(
            state.Model, state.Options.Recipe, rows, positions, Seed.Derive(state.Options.Seed, string.Join("\n", requests.Select(request => request.Id))));
    }
}
