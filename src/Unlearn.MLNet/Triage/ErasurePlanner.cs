namespace Unlearn.MLNet.Triage;

/// <summary>Plans a request: the cheapest method that is safe for all of its rows, and the next retraining where none is.</summary>
internal static class ErasurePlanner
{
    private const int ShownDuplicates = 5;

    /// <summary>Plans a request.</summary>
    /// <exception cref="InvalidOperationException">The policy allows no method that is safe.</exception>
    public static ErasurePlan Plan(TriageCase of)
    {
        ArgumentNullException.ThrowIfNull(of);
        var allowed = Allowed(of.Methods, of.Policy);
        var left = of.Rows.Where(row => row.ErasedBy is null).ToList();
        var obstacle = Obstacle(of, left);
        ErasureRowPlan[] rows = [.. of.Rows.Select(row => PlanRow(of, allowed, row, obstacle))];
        if (left.Count == 0)
            return Planned(of, rows, ErasurePlan.Erased, 0, 0, "All rows were erased before.");
        var method = obstacle is null ? allowed.FirstOrDefault(method => left.TrueForAll(row => IsSafe(of, method, row))) : null;
        method ??= allowed.FirstOrDefault(method => method.IsExact) ?? throw NoMethod(of, allowed, left);
        var audit = method.IsExact ? 0 : AuditSeconds(of, left);
        return Planned(of, rows, method.Name, method.Seconds, audit, method switch
        {
            _ when obstacle is not null => obstacle,
            { IsExact: true } => "No cheaper method is safe for all rows.",
            { Name: ErasurePlan.Nothing } => "The model is predicted not to stand out on any row, compared with models that never saw it.",
            _ => "It is the cheapest method that is safe for all rows.",
        }) with { RetrainAt = method.IsExact ? RetrainAt(of.Request, of.Policy, of.Now) : null };
    }

    /// <summary>When the retraining for a request must start; <see langword="null"/> for at once.</summary>
    public static DateTimeOffset? RetrainAt(ErasureRequest request, ErasurePolicy policy, DateTimeOffset now) =>
        policy.WaitsForRetraining && request.DueAt - policy.LeadTime is var start && start > now ? start : null;

    /// <summary>The methods that a policy allows, the cheapest first, up to the cheapest exact one. Costlier ones are never worth it.</summary>
    /// <exception cref="InvalidOperationException">The policy names a method that the labels do not have.</exception>
    public static IReadOnlyList<TriageMethod> Allowed(IReadOnlyList<TriageMethod> methods, ErasurePolicy policy)
    {
        if (policy.Methods?.FirstOrDefault(name => methods.All(method => method.Name != name)) is { } unknown)
            throw new InvalidOperationException(
                $"The policy names method '{unknown}', but the labels tell of {string.Join(", ", methods.Select(method => method.Name))} alone: "
                    + "label with it, or leave it out.");
        List<TriageMethod> allowed =
        [
            .. methods.Where(method => policy.Methods?.Contains(method.Name) != false)
                .OrderBy(method => method.Seconds).ThenBy(method => method.IsExact).ThenBy(method => method.Name, StringComparer.Ordinal),
        ];
        var exact = allowed.FindIndex(method => method.IsExact);
        return exact < 0 ? allowed : allowed[..(exact + 1)];
    }

    private static ErasurePlan Planned(TriageCase of, ErasureRowPlan[] rows, string method, double seconds, double auditSeconds, string reason) => new()
    {
        Request = of.Request, Rows = rows, Method = method, Reason = reason, Seconds = seconds, AuditSeconds = auditSeconds, ModelHash = of.ModelHash,
        Warnings = [.. Warnings(of)],
    };

    private static ErasureRowPlan PlanRow(TriageCase of, IReadOnlyList<TriageMethod> allowed, TriageRow row, string? obstacle)
    {
        if (row.ErasedBy is { } by)
            return new() { RowId = row.RowId, Method = ErasurePlan.Erased, Seconds = 0, Reason = $"It was erased by request '{by}'." };
        var hard = row.Prediction?.HardProbability ?? double.NaN;
        var safe = obstacle is null ? allowed.FirstOrDefault(method => IsSafe(of, method, row)) : allowed.FirstOrDefault(method => method.IsExact);
        if (safe is { IsExact: false })
        {
            var (predicted, bound) = row.Prediction!.Memory[safe.Name];
            return new()
            {
                RowId = row.RowId, Method = safe.Name, HardProbability = hard, PredictedResidualMemory = predicted, ResidualMemoryBound = bound,
                Seconds = safe.Seconds,
                Reason = Invariant($"{(safe.Name == ErasurePlan.Nothing ? "The model itself has" : $"{safe.Name} leaves")} at most {bound:0.##} with ")
                    + Invariant($"{100 * of.Policy.Confidence:0.#} % confidence; {of.Tolerance:0.##} is accepted."),
            };
        }
        return new()
        {
            RowId = row.RowId, Method = safe?.Name ?? "none", HardProbability = hard, Seconds = safe?.Seconds ?? double.NaN,
            PredictedResidualMemory = safe is null ? double.NaN : 0, ResidualMemoryBound = safe is null ? double.NaN : 0,
            Reason = obstacle ?? WhyExact(of, allowed, row),
        };
    }

    private static string WhyExact(TriageCase of, IReadOnlyList<TriageMethod> allowed, TriageRow row)
    {
        if (row.Prediction is not { } prediction || float.IsNaN(prediction.HardProbability))
            return "Its factors are not known, so only an exact method is safe.";
        var best =
            allowed.Where(method => !method.IsExact).Select(method => (method.Name, prediction.Memory[method.Name].Bound)).OrderBy(of => of.Bound).ToList();
        return best.Count == 0
            ? "The policy allows exact methods alone."
            : Invariant($"No cheaper method is safe: {best[0].Name} may leave {best[0].Bound:0.##}; {of.Tolerance:0.##} is accepted.");
    }

    private static bool IsSafe(TriageCase of, TriageMethod method, TriageRow row) =>
        method.IsExact || row.Prediction is { } prediction && prediction.Memory.TryGetValue(method.Name, out var memory) && memory.Bound <= of.Tolerance;

    /// <summary>Why bounds say nothing of a request; <see langword="null"/> if they do.</summary>
    private static string? Obstacle(TriageCase of, List<TriageRow> rows)
    {
        var left = rows.Count;
        if (of.EmptiedClasses.Count > 0)
            return $"No row of class {string.Join(", ", of.EmptiedClasses.Select(name => $"'{name}'"))} is left, which no label tells of.";
        if (of.Unpredictable is not null)
            return of.Unpredictable;
        if (of.ChangedBy is { } method && of.Policy.AuditModels == 0 && rows.Exists(row => !row.IsLabeled))
            return $"Bounds hold on a trained model, not on one that {method} has changed, and nothing would be audited.";
        return left > of.Policy.LargestShare * of.RowsLeft
            ? Invariant(
                $"The request names {left} of {of.RowsLeft} rows, more than the {100 * of.Policy.LargestShare:0.#} % that approximate methods may forget.")
            : null;
    }

    private static double AuditSeconds(TriageCase of, List<TriageRow> left) => left.TrueForAll(row => row.IsLabeled)
        ? 0
        : of.Policy.AuditModels * of.Methods.Where(method => method.IsExact).Min(method => method.Seconds);

    private static IEnumerable<string> Warnings(TriageCase of)
    {
        if (of.Request.DueAt < of.Now)
            yield return Invariant($"It was due at {of.Request.DueAt:u}.");
        if (of.EmptiedClasses.Count > 0)
            yield return $"The model keeps class {string.Join(", ", of.EmptiedClasses.Select(name => $"'{name}'"))} without a row: "
                + "train it anew without the class.";
        if (of.DuplicatesLeft.Count == 0)
            yield break;
        var shown = string.Join(", ", of.DuplicatesLeft.Take(ShownDuplicates).Select(id => $"'{id}'"));
        var more = of.DuplicatesLeft.Count > ShownDuplicates ? ", …" : "";
        yield return $"{of.DuplicatesLeft.Count} near-duplicates stay and keep the memory alive: {shown}{more}.";
    }

    private static InvalidOperationException NoMethod(TriageCase of, IReadOnlyList<TriageMethod> allowed, List<TriageRow> left) => new(
        $"The policy allows {string.Join(", ", allowed.Select(method => method.Name))}, none of which is safe for row "
            + $"'{(left.Find(row => !allowed.Any(method => IsSafe(of, method, row))) ?? left[0]).RowId}' of request '{of.Request.Id}': allow an exact method.");
}
