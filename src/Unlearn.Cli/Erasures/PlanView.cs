using Spectre.Console;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Erasures;

/// <summary>Plans and their results, for people and for programs.</summary>
internal static class PlanView
{
    private const int MostRows = 40;

    /// <summary>Shows a plan: its first rows as a table, and a line for the request.</summary>
    public static void Show(Screen screen, ErasurePlan plan)
    {
        var table = PlainTable.Create(Markup.Escape($"Plan of {plan.Request.Id}"), "row", "method", "bound", "seconds", "reason");
        foreach (var row in plan.Rows.Take(MostRows))
            table.AddRow(Markup.Escape(row.RowId), Markup.Escape(row.Method), Number(row.ResidualMemoryBound), Number(row.Seconds), Markup.Escape(row.Reason));
        screen.Show(table);
        if (plan.Rows.Count > MostRows)
            screen.Say($"And {plan.Rows.Count - MostRows} more rows, which --json lists. "
                + $"Of all: {string.Join(", ", plan.Rows.CountBy(row => row.Method).Select(of => $"{of.Value} {of.Key}"))}.");
        screen.Result(plan.Describe());
    }

    /// <summary>A plan as a document.</summary>
    public static object ToDocument(ErasurePlan plan) => new
    {
        Request = plan.Request.Id,
        plan.Request.ReceivedAt,
        plan.Request.DueAt,
        plan.Method,
        plan.Reason,
        plan.RetrainAt,
        plan.Seconds,
        plan.AuditSeconds,
        plan.Warnings,
        plan.ModelHash,
        Rows = plan.Rows.Select(row => new
        {
            row.RowId,
            row.Method,
            HardProbability = Known(row.HardProbability),
            PredictedResidualMemory = Known(row.PredictedResidualMemory),
            ResidualMemoryBound = Known(row.ResidualMemoryBound),
            Seconds = Known(row.Seconds),
            row.Reason,
        }),
    };

    /// <summary>What became of a completed request, in a line.</summary>
    public static string Describe(ErasureResult result)
    {
        var how = result.Method switch
        {
            ErasurePlan.Nothing => "completed, the model stays as it is",
            ErasurePlan.Erased => "completed, its rows were erased before",
            _ => $"completed by {result.Method}",
        };
        return $"{result.RequestId}: {how}. Certificate: {Path.GetFullPath(result.CertificatePath!)}";
    }

    /// <summary>What became of a request, as a document.</summary>
    public static object ToDocument(ErasureResult result) => new
    {
        Request = result.RequestId,
        State = result.State.ToString().ToLowerInvariant(),
        result.Method,
        result.RetrainAt,
        result.ModelHash,
        Certificate = result.CertificatePath is { } path ? Path.GetFullPath(path) : null,
        Audits = result.Audits.Select(audit => new
        {
            audit.Method,
            audit.Passed,
            audit.Reason,
            audit.IsMeasured,
            audit.Tolerance,
            audit.RowsAbove,
            audit.AllowedRows,
            MeanResidualMemory = Known(audit.MeanResidualMemory),
            audit.RetainedAccuracyBefore,
            audit.RetainedAccuracyAfter,
            TestAccuracyBefore = Known(audit.TestAccuracyBefore),
            TestAccuracyAfter = Known(audit.TestAccuracyAfter),
            audit.Seconds,
        }),
    };

    private static double? Known(double value) => double.IsFinite(value) ? value : null;

    private static string Number(double value) => double.IsFinite(value) ? Invariant($"{value:0.##}") : "";
}
