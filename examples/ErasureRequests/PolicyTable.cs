using System.Text;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>The policies of a value study as a table.</summary>
internal static class PolicyTable
{
    private const string Each = "retrain for each";
    private const int NumberColumns = 16;

    public static string Markdown(ValueResult result)
    {
        var text = new StringBuilder();
        var methods = string.Join(", ", result.Methods.Select(method => Invariant($"{method.Name} {method.Seconds:0.00} s")));
        text.Append(Invariant($"{result.Title}: {result.Settings.Requests} requests for {result.RequestedRows} rows; a training takes "))
            .Append(Invariant($"{result.TrainingSeconds:0.00} s, {methods}; tolerance {result.Tolerance:0.00}; "))
            .Append(Invariant($"the target's own memory {result.TargetMemory:0.00}, its test accuracy {result.TargetAccuracy:0.000}. "))
            .Append(Invariant($"Set-up: {result.PoolSeconds:0} s for the pool that audits use, {result.LabelSeconds:0} s for all labels with it, "))
            .Append(Invariant($"{result.PredictorSeconds:0.0} s for the hardness model, {result.ReferenceSeconds:0.0} s for T3's models. "))
            .Append(Invariant($"An audit of its own takes {result.AuditSeconds:0.0} s.\n\n"))
            .Append("| policy | seconds | of retraining each | of the cheaper audited method | with audits of their own | retrainings | runs | audits ")
            .Append("| failed | memory, mean | 95 % | above | above, not retrained | below | done without retraining | wait, mean | accuracy |\n")
            .Append($"|---{string.Concat(Enumerable.Repeat("|---:", NumberColumns))}|\n");
        var each = result.Policies.FirstOrDefault(policy => policy.Policy == Each)?.Seconds ?? double.NaN;
        var audited = result.Policies.Where(policy => policy.Policy.EndsWith(", audit, retrain", StringComparison.Ordinal)
                && result.Methods.Any(method => policy.Policy.StartsWith(method.Name, StringComparison.Ordinal)))
            .Select(policy => policy.Seconds).DefaultIfEmpty(double.NaN).Min();
        foreach (var policy in result.Policies)
            text.Append(Invariant($"| {policy.Policy} | {policy.Seconds:0.0} | {policy.Seconds / each:0.000} | {policy.Seconds / audited:0.00} "))
                .Append(Invariant($"| {policy.SecondsWithAudits(result.AuditSeconds) / each:0.00} "))
                .Append(Invariant($"| {policy.Retrainings} | {policy.Unlearnings} | {policy.Audits} | {policy.AuditFailures} "))
                .Append(Invariant($"| {policy.Memories.Average():0.00} | {Quantile95(policy.Memories):0.00} "))
                .Append(Invariant($"| {policy.ShareAbove(result.Tolerance):0.0 %} "))
                .Append(Share(policy.ShareAbove(result.Tolerance, isWithoutRetraining: true)))
                .Append(Invariant($"| {policy.ShareBelow(result.Tolerance):0.0 %} | {policy.ShareWithoutRetraining:0 %} "))
                .Append(Invariant($"| {policy.Requests.Average(request => request.Waited):0.0} | {policy.TestAccuracy:0.000} |\n"));
        return text.ToString();
    }

    private static string Share(double share) => double.IsNaN(share) ? "| – " : Invariant($"| {share:0.0 %} ");

    /// <summary>95 % quantile of ascending values.</summary>
    public static double Quantile95(double[] values) => values[(int)(0.95 * (values.Length - 1))];
}
