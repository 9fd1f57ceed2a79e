using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>How a request is going to be served: one method for all of its rows, at once or with the next retraining.</summary>
public sealed record ErasurePlan
{
    /// <summary>Name of the method that leaves the model as it is.</summary>
    public const string Nothing = "nothing";

    /// <summary>What stands in place of a method for rows that were erased before.</summary>
    public const string Erased = "erased";

    /// <summary>The request.</summary>
    public required ErasureRequest Request { get; init; }

    /// <summary>Each row of the request, in its order.</summary>
    public required IReadOnlyList<ErasureRowPlan> Rows { get; init; }

    /// <summary>
    /// The method for the request: the cheapest that is safe for all of its rows, <see cref="Nothing"/> or <see cref="Erased"/> included. What fails the audit
    /// goes to the next method.
    /// </summary>
    public required string Method { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When the retraining that the request waits for must start; <see langword="null"/> where the request does not wait.</summary>
    public DateTimeOffset? RetrainAt { get; init; }

    /// <summary>Seconds that <see cref="Method"/> is expected to take, without the audit. A retraining that serves several requests costs once.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds that the audit is expected to take beyond predictions: for rows without labels it retrains.</summary>
    public required double AuditSeconds { get; init; }

    /// <summary>What to know before executing the plan, such as near-duplicates that stay.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Hash of the model that the plan was made for. Another model needs another plan.</summary>
    public required string ModelHash { get; init; }

    /// <summary>The plan in one line.</summary>
    public string Describe() =>
        $"{Request.Id}: {Rows.Count} {(Rows.Count == 1 ? "row" : "rows")}, {Method}. {Reason}"
        + (RetrainAt is { } at ? Invariant($" Waits for the retraining at {at:u}.") : "")
        + Invariant($" About {Seconds:0.##} s, audit {AuditSeconds:0.##} s.") + string.Concat(Warnings.Select(warning => $" {warning}"));

    /// <summary>The rows as a data view with the columns of <see cref="ErasureRowPlan"/>, and <c>RequestId</c>.</summary>
    public IDataView ToDataView()
    {
        var view = new ColumnDataView(Rows.Count);
        Text("RequestId", _ => Request.Id);
        Text(nameof(ErasureRowPlan.RowId), row => row.RowId);
        Text(nameof(ErasureRowPlan.Method), row => row.Method);
        Number(nameof(ErasureRowPlan.HardProbability), row => row.HardProbability);
        Number(nameof(ErasureRowPlan.PredictedResidualMemory), row => row.PredictedResidualMemory);
        Number(nameof(ErasureRowPlan.ResidualMemoryBound), row => row.ResidualMemoryBound);
        Number(nameof(ErasureRowPlan.Seconds), row => row.Seconds);
        Text(nameof(ErasureRowPlan.Reason), row => row.Reason);
        return view;

        void Text(string name, Func<ErasureRowPlan, string> value) => view.Add(name, [.. Rows.Select(row => value(row).AsMemory())], TextDataViewType.Instance);
        void Number(string name, Func<ErasureRowPlan, double> value) => view.Add(name, [.. Rows.Select(row => (float)value(row))]);
    }
}
