using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>The files of a value study, each written whole or not at all.</summary>
internal static class ValueFiles
{
    public const string Chart = "cost-memory.svg";
    public const string Table = "policies.md";
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string folder, ValueResult result)
    {
        Directory.CreateDirectory(folder);
        WriteText("policies.csv", Csv(result));
        WriteText("requests.csv", RequestsCsv(result));
        WriteText(Table, PolicyTable.Markdown(result));
        WriteText("summary.json", Summary(result));
        WriteText(Chart, Render(result.Title, result.Policies.Select(policy => (policy.Policy, policy.Seconds, policy.Memories.Average()))));

        void WriteText(string name, string text) => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The chart of policies: name, processor seconds, mean residual memory.</summary>
    public static string Render(string title, IEnumerable<(string Name, double Seconds, double Memory)> policies)
    {
        HtmlWriter html = new() { IsChartFile = true };
        CostChart.Write(html, title, [.. policies]);
        return html.ToString();
    }

    /// <summary>The policies of a file that was written before, as the chart takes them.</summary>
    public static IEnumerable<(string Name, double Seconds, double Memory)> ReadCosts(string csv)
    {
        var lines = CsvText.Read(csv).ToList();
        var (seconds, memory) = (Array.IndexOf(lines[0], "seconds"), Array.IndexOf(lines[0], "memoryMean"));
        return lines.Skip(1).Select(line =>
            (line[0], double.Parse(line[seconds], CultureInfo.InvariantCulture), double.Parse(line[memory], CultureInfo.InvariantCulture)));
    }

    private static string Csv(ValueResult result) => Lines(
        "policy,seconds,predictionSeconds,secondsWithOwnAudits,retrainings,unlearnings,audits,auditFailures,memoryMean,memory95,shareAbove,"
        + "shareAboveWithoutRetraining,shareBelow,shareWithoutRetraining,memoryAtEnd,testAccuracy,meanWait,longestWait",
        result.Policies.Select(policy => Invariant($"{CsvText.Cell(policy.Policy)},{policy.Seconds:R},{policy.PredictionSeconds:R},")
            + Invariant($"{policy.SecondsWithAudits(result.AuditSeconds):R},{policy.Retrainings},{policy.Unlearnings},{policy.Audits},{policy.AuditFailures},")
            + Invariant($"{policy.Memories.Average():R},{PolicyTable.Quantile95(policy.Memories):R},{policy.ShareAbove(result.Tolerance):R},")
            + Invariant($"{policy.ShareAbove(result.Tolerance, isWithoutRetraining: true):R},{policy.ShareBelow(result.Tolerance):R},")
            + Invariant($"{policy.ShareWithoutRetraining:R},{policy.MemoryAtEnd:R},")
            + Invariant($"{policy.TestAccuracy:R},{policy.Requests.Average(request => request.Waited):R},{policy.Requests.Max(request => request.Waited)}")));

    private static string RequestsCsv(ValueResult result) => Lines("policy,request,kind,rows,doneAt,method,memoryMean,memoryMax",
        result.Policies.SelectMany(policy => policy.Requests.Select(done =>
            Invariant($"{CsvText.Cell(policy.Policy)},{done.Request.Number},{done.Request.Kind},{done.Request.Rows.Length},{done.DoneAt},{done.Method},")
            + Invariant($"{done.Memories.Average():R},{done.Memories.Max():R}"))));

    private static string Lines(string head, IEnumerable<string> lines) => $"{head}\n{string.Concat(lines.Select(line => $"{line}\n"))}";

    private static string Summary(ValueResult result) => JsonSerializer.Serialize(new
    {
        result.Title,
        result.Settings,
        result.Rows,
        result.RequestedRows,
        result.TargetAccuracy,
        result.TargetMemory,
        result.TrainingSeconds,
        Methods = result.Methods.Select(method => new { method.Name, method.Unlearner.Specification, method.Seconds }),
        result.Tolerance,
        result.LabelTolerance,
        result.LabelSeconds,
        result.PoolSeconds,
        result.PredictorSeconds,
        result.ReferenceSeconds,
        result.AuditSeconds,
        Policies = result.Policies.Select(policy => new
        {
            policy.Policy,
            policy.Seconds,
            policy.PredictionSeconds,
            policy.Retrainings,
            policy.Unlearnings,
            policy.Audits,
            policy.AuditFailures,
            MemoryMean = policy.Memories.Average(),
            Memory95 = PolicyTable.Quantile95(policy.Memories),
            ShareAbove = policy.ShareAbove(result.Tolerance),
            ShareBelow = policy.ShareBelow(result.Tolerance),
            policy.MemoryAtEnd,
            policy.TestAccuracy,
            MeanWait = policy.Requests.Average(request => request.Waited),
        }),
    }, Json) + "\n";
}
