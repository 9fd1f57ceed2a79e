using System.Text.Json.Nodes;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Storage;

namespace Unlearn.MLNet.Erasure.Execution;

/// <summary>Notes requests and their plans in the log.</summary>
internal static class RequestNotes
{
    /// <summary>Notes a new request and its plan.</summary>
    public static void Accept(WorkspaceState state, ErasurePlan plan)
    {
        var request = plan.Request;
        string[] rows = [.. request.RowIds.Select(state.Hasher.OfId)];
        state.Log.Append(EntryKind.Requested, new()
        {
            ["request"] = request.Id, ["rows"] = new JsonArray([.. rows.Select(row => (JsonNode)row)]),
            ["receivedAt"] = request.ReceivedAt, ["dueAt"] = request.DueAt,
        });
        Plan(state, plan, rows);
    }

    /// <summary>Notes the plan of a request that is in the log; it takes the place of an earlier one.</summary>
    /// <param name="state">The workspace.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="rows">Keyed hashes of the plan's rows.</param>
    public static void Plan(WorkspaceState state, ErasurePlan plan, IReadOnlyList<string> rows) => state.Log.Append(EntryKind.Planned, new()
    {
        ["request"] = plan.Request.Id, ["method"] = plan.Method, ["reason"] = plan.Reason, ["retrainAt"] = plan.RetrainAt,
        ["bounds"] = new JsonArray([.. plan.Rows.Zip(rows, (row, hash) => (JsonNode)new JsonObject
        {
            ["row"] = hash, ["method"] = row.Method,
            ["bound"] = JsonValue.Create(double.IsFinite(row.ResidualMemoryBound) ? row.ResidualMemoryBound : (double?)null),
        })]),
    });
}
