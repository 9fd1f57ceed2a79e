using System.Text.Json.Nodes;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Proof;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Triage;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Execution;

/// <summary>Serves requests: runs their method, audits, escalates what fails, and completes what passes.</summary>
internal sealed class RequestExecution(WorkspaceState state, TimeProvider time, IProgress<string>? progress)
{
    /// <summary>Serves a request that is planned, from where it was left.</summary>
    public ErasureResult Continue(RequestState request, CancellationToken cancellationToken)
    {
        var planned = request.Planned!;
        var method = planned.Text("method");
        if (method == ErasurePlan.Erased || IsGone(request))
            return Complete([request], new(ErasurePlan.Erased, 0, IsExact: false), state.Model, state.ModelHash, null)[0];
        var retrainAt = planned.Data["retrainAt"]?.GetValue<DateTimeOffset>();
        var methods = Ladder(method);
        if (methods[0].IsExact && retrainAt > time.GetUtcNow())
            return Wait(request, methods[0], retrainAt.Value, []);

        using var runner = new MethodRunner(state, [request], progress);
        List<ErasureAudit> audits = [];
        for (var i = 0; ; i++)
        {
            if (methods[i].IsExact)
            {
                // One training serves all: those that wait need none of their own.
                var own = Retrain([request, .. state.Waiting.Where(other => !IsGone(other))], methods[i], cancellationToken)[0];
                return own with { Audits = [.. audits, .. own.Audits] };
            }
            var (model, hash) = runner.Run(methods[i], cancellationToken);
            var audit = runner.Audit(methods[i], model, hash, cancellationToken)[request.Id];
            audits.Add(audit);
            if (audit.Passed)
                return Complete([request], methods[i], model, hash, new Dictionary<string, IReadOnlyList<ErasureAudit>> { [request.Id] = audits })[0];
            if (!ReferenceEquals(model, state.Model))
                model.Dispose();
            // Bounds ruled the methods in between out, and nothing else would be looked at.
            if (!audit.IsMeasured)
                methods = [.. methods.Take(i + 1), .. methods.Where(method => method.IsExact)];
            if (i + 1 == methods.Count)
                throw new InvalidOperationException(
                    $"Request '{request.Id}' is not served: {methods[i].Name} failed the audit, and the policy allows no further method. {audit.Reason}");
            state.Log.Append(
                EntryKind.Escalated, new() { ["request"] = request.Id, ["from"] = methods[i].Name, ["to"] = methods[i + 1].Name, ["reason"] = audit.Reason });
            var at = methods[i + 1].IsExact ? ErasurePlanner.RetrainAt(ToRequest(request), state.Options.Policy, time.GetUtcNow()) : null;
            if (at is { } later)
                return Wait(request, methods[i + 1], later, audits);
        }
    }

    /// <summary>Retrains once for all requests that wait.</summary>
    /// <exception cref="InvalidOperationException">The policy allows no exact method.</exception>
    public IReadOnlyList<ErasureResult> Retrain(CancellationToken cancellationToken)
    {
        var waiting = state.Waiting;
        List<ErasureResult> results = [.. waiting.Where(IsGone).SelectMany(
            request => Complete([request], new(ErasurePlan.Erased, 0, IsExact: false), state.Model, state.ModelHash, null))];
        waiting = state.Waiting;
        if (waiting.Count == 0)
            return results;
        var method = ErasurePlanner.Allowed(state.Methods(), state.Options.Policy).FirstOrDefault(allowed => allowed.IsExact)
            ?? throw new InvalidOperationException("Requests wait for a retraining, but the policy allows no exact method: allow one.");
        return [.. results, .. Retrain(waiting, method, cancellationToken)];
    }

    /// <summary>Goes on with requests. One that fails does not keep the others from being served.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="current">Gives a request with a plan for the model as it is.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public IReadOnlyList<ErasureResult> Resume(
        IReadOnlyList<RequestState> requests, Func<RequestState, RequestState> current, CancellationToken cancellationToken)
    {
        List<ErasureResult> results = [];
        InvalidOperationException? failure = null;
        foreach (var request in requests)
            try
            {
                results.Add(Continue(current(request), cancellationToken));
            }
            catch (InvalidOperationException cause)
            {
                failure ??= cause;
            }
        return failure is null ? results : throw failure;
    }

    /// <summary>Clears what a kill has left, and writes certificates that are missing.</summary>
    public void Tidy()
    {
        CertifyAll();
        DropOldFiles();
    }

    /// <summary>Writes certificates of completed requests that have none, such as after a kill.</summary>
    private void CertifyAll()
    {
        var certified =
            state.Log.Entries.Where(entry => entry.Kind == EntryKind.Certified).Select(entry => entry.Text("request")).ToHashSet(StringComparer.Ordinal);
        foreach (var request in state.Requests.Values.Where(request => request.Completed is not null && !certified.Contains(request.Id)).ToList())
            CertificateFiles.Write(state, request);
    }

    private IReadOnlyList<ErasureResult> Retrain(IReadOnlyList<RequestState> requests, TriageMethod method, CancellationToken cancellationToken)
    {
        using var runner = new MethodRunner(state, requests, progress);
        var (model, hash) = runner.Run(method, cancellationToken);
        var audits = runner.Audit(method, model, hash, cancellationToken).ToDictionary(
            audit => audit.Key, audit => (IReadOnlyList<ErasureAudit>)[audit.Value], StringComparer.Ordinal);
        return Complete(requests, method, model, hash, audits);
    }

    private IReadOnlyList<ErasureResult> Complete(
        IReadOnlyList<RequestState> requests, TriageMethod method, ITarget model, string hash,
        IReadOnlyDictionary<string, IReadOnlyList<ErasureAudit>>? audits)
    {
        state.Log.Append(EntryKind.Completed, new()
        {
            ["requests"] = new JsonArray([.. requests.Select(request => (JsonNode)request.Id)]), ["method"] = method.Name, ["model"] = hash,
            ["isExact"] = method.IsExact,
        });
        state.Advance(model, requests.SelectMany(request => request.Rows).ToHashSet(StringComparer.Ordinal));
        Tidy();
        return [.. requests.Select(request => new ErasureResult
        {
            RequestId = request.Id, State = ErasureState.Completed, Method = method.Name, Audits = audits?.GetValueOrDefault(request.Id) ?? [],
            ModelHash = hash, CertificatePath = CertificateFiles.JsonPath(state.Folder, request.Id),
        })];
    }

    private ErasureResult Wait(RequestState request, TriageMethod method, DateTimeOffset at, IReadOnlyList<ErasureAudit> audits)
    {
        state.Log.Append(EntryKind.Waiting, new() { ["request"] = request.Id, ["retrainAt"] = at });
        progress?.Report(Invariant($"{request.Id}: waits for the retraining at {at:u}"));
        return new()
        {
            RequestId = request.Id,
            State = ErasureState.Waiting,
            Method = method.Name,
            RetrainAt = at,
            ModelHash = state.ModelHash,
            Audits = audits,
        };
    }

    /// <summary>The method, and those that what fails goes to.</summary>
    private IReadOnlyList<TriageMethod> Ladder(string method)
    {
        var allowed = ErasurePlanner.Allowed(state.Methods(), state.Options.Policy);
        var start = allowed.Index().Where(of => of.Item.Name == method).Select(of => (int?)of.Index).FirstOrDefault();
        // A policy that has changed since: no method that bounds ruled out.
        IReadOnlyList<TriageMethod> ladder = start is { } at ? [.. allowed.Skip(at)] : [.. allowed.Where(of => of.IsExact)];
        return ladder.Count > 0
            ? ladder
            : throw new InvalidOperationException($"The policy allows neither {method}, which was planned, nor an exact method: allow one of them.");
    }

    private static ErasureRequest ToRequest(RequestState request) =>
        new() { Id = request.Id, RowIds = request.Rows, ReceivedAt = request.ReceivedAt, DueAt = request.DueAt };

    private bool IsGone(RequestState request)
    {
        var rows = request.Rows.ToHashSet(StringComparer.Ordinal);
        return !state.Rows.Ids.Any(id => rows.Contains(state.Hasher.OfId(id)));
    }

    // Older models remember rows that are erased now; so does what was fitted on rows that were still there. A model that a kill left unaudited is kept.
    private void DropOldFiles()
    {
        var kept = state.Log.Entries.Where(entry => entry.Kind == EntryKind.Unlearned && entry.Text("modelBefore") == state.ModelHash)
            .Where(entry => entry.Texts("requests").Any(id => state.Requests[id].Completed is null))
            .Select(entry => entry.Text("modelAfter")).Append(state.ModelHash)
            .Select(hash => ModelFile.Path(state.Folder.Models, hash)).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(state.Folder.Models).Where(file => !kept.Contains(file)))
            File.Delete(file);
        foreach (var file in state.Folder.OldHardness(state.ModelHash, state.Rows.Count))
            File.Delete(file);
    }
}
