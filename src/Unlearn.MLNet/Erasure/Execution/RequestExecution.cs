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
    /// <summary>Notes a request and its plan, and serves it.</summary>
    public ErasureResult Begin(ErasurePlan plan, CancellationToken cancellationToken)
    {
        var request = plan.Request;
        state.Log.Append(EntryKind.Requested, new()
        {
            ["request"] = request.Id, ["rows"] = new JsonArray([.. request.RowIds.Select(id => (JsonNode)state.Hasher.OfId(id))]),
            ["receivedAt"] = request.ReceivedAt, ["dueAt"] = request.DueAt,
        });
        state.Log.Append(EntryKind.Planned, new()
        {
            ["request"] = request.Id, ["method"] = plan.Method, ["reason"] = plan.Reason, ["retrainAt"] = plan.RetrainAt,
            ["bounds"] = new JsonArray([.. plan.Rows.Select(row => (JsonNode)new JsonObject
            {
                ["row"] = state.Hasher.OfId(row.RowId), ["method"] = row.Method, ["bound"] =
                    JsonValue.Create(double.IsFinite(row.ResidualMemoryBound) ? row.ResidualMemoryBound : (double?)null),
            })]),
        });
        return Continue(state.Requests[request.Id], cancellationToken);
    }

    /// <summary>Serves a request that is planned, from where it was left.</summary>
    public ErasureResult Continue(RequestState request, CancellationToken cancellationToken)
    {
        var planned = request.Planned!;
        var method = planned.Text("method");
        if (method == ErasurePlan.Erased)
            return Complete([request], new(method, 0, IsExact: true), state.Model, state.ModelHash, [])[0];
        var retrainAt = planned.Data["retrainAt"]?.GetValue<DateTimeOffset>();
        var methods = Ladder(method);
        if (methods[0].IsExact && retrainAt > time.GetUtcNow())
            return Wait(request, methods[0], retrainAt.Value, []);

        var runner = new MethodRunner(state, [request], progress);
        List<ErasureAudit> audits = [];
        for (var i = 0; ; i++)
        {
            var (model, hash) = runner.Run(methods[i], cancellationToken);
            var audit = runner.Audit(methods[i], model, hash, cancellationToken)[0];
            audits.Add(audit);
            if (audit.Passed)
                return Complete([request], methods[i], model, hash, [audits])[0];
            if (!ReferenceEquals(model, state.Model))
                model.Dispose();
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
    public IReadOnlyList<ErasureResult> Retrain(CancellationToken cancellationToken)
    {
        var waiting = state.Waiting;
        if (waiting.Count == 0)
            return [];
        var method = Ladder(ErasurePlan.Erased)[^1];
        var runner = new MethodRunner(state, waiting, progress);
        var (model, hash) = runner.Run(method, cancellationToken);
        var audits = runner.Audit(method, model, hash, cancellationToken);
        return Complete(waiting, method, model, hash, [.. audits.Select(audit => (IReadOnlyList<ErasureAudit>)[audit])]);
    }

    /// <summary>Writes certificates of completed requests that have none, such as after a kill.</summary>
    public void CertifyAll()
    {
        var certified =
            state.Log.Entries.Where(entry => entry.Kind == EntryKind.Certified).Select(entry => entry.Text("request")).ToHashSet(StringComparer.Ordinal);
        foreach (var request in state.Requests.Values.Where(request => request.Completed is not null && !certified.Contains(request.Id)).ToList())
            CertificateFiles.Write(state, request);
    }

    private IReadOnlyList<ErasureResult> Complete(
        IReadOnlyList<RequestState> requests, TriageMethod method, ITarget model, string hash, IReadOnlyList<IReadOnlyList<ErasureAudit>> audits)
    {
        state.Log.Append(EntryKind.Completed, new()
        {
            ["requests"] = new JsonArray([.. requests.Select(request => (JsonNode)request.Id)]), ["method"] = method.Name, ["model"] = hash,
        });
        state.Advance(model, requests.SelectMany(request => request.Rows).ToHashSet(StringComparer.Ordinal));
        CertifyAll();
        DropOldModels();
        return [.. requests.Select((request, i) => new ErasureResult
        {
            RequestId = request.Id, State = ErasureState.Completed, Method = method.Name, Audits = i < audits.Count ? audits[i] : [], ModelHash = hash,
            CertificatePath = CertificateFiles.JsonPath(state.Folder, request.Id),
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
        var start = allowed.Index().FirstOrDefault(of => of.Item.Name == method).Index;
        return [.. allowed.Skip(start)];
    }

    private static ErasureRequest ToRequest(RequestState request) =>
        new() { Id = request.Id, RowIds = request.Rows, ReceivedAt = request.ReceivedAt, DueAt = request.DueAt };

    // Older models, and what was fitted on them, remember rows that are erased now.
    private void DropOldModels()
    {
        foreach (var file in Directory.GetFiles(state.Folder.Models).Where(file => file != ModelFile.Path(state.Folder.Models, state.ModelHash)))
            File.Delete(file);
        foreach (var file in state.Folder.AllHardness().Except(state.Folder.AllHardness(state.ModelHash)))
            File.Delete(file);
    }
}
