using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Statistics;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Auditing;

/// <summary>Audits a model after a method.</summary>
/// <param name="Request">What was forgotten; its target is the model before.</param>
/// <param name="TestRows">Rows that no model was trained on; <see langword="null"/> if there are none.</param>
/// <param name="Policy">What is accepted.</param>
/// <param name="Tolerance">Largest residual memory that is accepted.</param>
/// <param name="Hasher">Makes the hashes that stand for rows.</param>
/// <param name="Trained">Accuracy of the model as it was trained last; NaN where it is not known.</param>
internal sealed record Auditor(
    UnlearningRequest Request, TrainingRows? TestRows, ErasurePolicy Policy, double Tolerance, RowHasher Hasher, (double Retained, double Test) Trained)
{
    private const int Neighbors = 10;

    /// <summary>Audits a model.</summary>
    /// <param name="method">What made it.</param>
    /// <param name="isExact">Whether it never saw the rows by construction: then the audit is for the record.</param>
    /// <param name="model">The model.</param>
    /// <param name="modelHash">Its hash.</param>
    /// <param name="references">Models that never saw the rows, and the seconds that they took.</param>
    public ErasureAudit Run(string method, bool isExact, ITarget model, string modelHash, (AuditReferences References, double Seconds) references)
    {
        var clock = Stopwatch.GetTimestamp();
        var rows = Request.Rows;
        var (before, after) = (ModelAnswers.Of(Request.Target, rows), ReferenceEquals(model, Request.Target) ? null : ModelAnswers.Of(model, rows));
        after ??= before;
        AuditedRow[] audited = [.. Request.Forget.Select(position => Row(position, after, references.References))];
        var isMeasured = references.References.Of.Count > 0;
        var above = audited.Count(row => row.ResidualMemory > Tolerance);
        var allowed = isMeasured ? Math.Min(
            audited.Length - 1, BinomialLimits.Upper(audited.Length, references.References.FalseAlarmRate, 1 - Policy.Confidence)) : 0; // never all of them
        var (low, high) = isMeasured ? BinomialLimits.Wilson(above, audited.Length) : (double.NaN, double.NaN);
        var retained = Request.Retained;
        var audit = new ErasureAudit
        {
            Method = method, ModelHash = modelHash, Rows = audited, References = references.References.Words, IsMeasured = isMeasured, Tolerance = Tolerance,
            FalseAlarmRate = references.References.FalseAlarmRate, AllowedRows = allowed, RowsAbove = above, ShareAboveLow = low, ShareAboveHigh = high,
            MeanResidualMemory = audited.Average(row => row.ResidualMemory),
            RetainedAccuracyBefore = Share(retained, position => before.IsCorrect[position]),
            RetainedAccuracyAfter = Share(retained, position => after.IsCorrect[position]),
            TestAccuracyBefore = TestAccuracy(Request.Target), TestAccuracyAfter = TestAccuracy(model),
            ChangedPredictions = Share(retained, IsChanged), ChangedNeighbors = Share(Nearest(), IsChanged),
            Passed = false, Reason = "", Seconds = 0,
        };
        var objection = isExact ? null : Objection(audit);
        return audit with
        {
            Passed = objection is null,
            Reason = objection ?? (isExact ? "No row is left in it by construction."
                : !isMeasured ? "Accuracy is within the policy; residual memory was not measured."
                : Invariant($"{above} of {audited.Length} rows lie above {Tolerance:0.##}; {allowed} are allowed.")),
            Seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds + references.Seconds,
        };

        bool IsChanged(int position) => before.Predictions[position] != after.Predictions[position];
    }

    private AuditedRow Row(int position, ModelAnswers answers, AuditReferences references)
    {
        double logit = answers.LogitConfidences[position];
        var hash = Hasher.OfId(Request.Rows.Ids[position]);
        return references.Of.TryGetValue(position, out var normal)
            ? new()
            {
                Row = hash, LogitConfidence = logit, RetrainedMean = normal.Mean, RetrainedDeviation = normal.Deviation,
                MembershipScore = BinormalAuc.Cumulative((logit - normal.Mean) / normal.Deviation),
            }
            : new() { Row = hash, LogitConfidence = logit, MembershipScore = double.NaN };
    }

    private string? Objection(ErasureAudit audit)
    {
        if (audit.IsMeasured && audit.RowsAbove > audit.AllowedRows)
            return Invariant($"{audit.RowsAbove} of {audit.Rows.Count} rows lie above {Tolerance:0.##}; {audit.AllowedRows} are allowed.");
        if (Trained.Retained - audit.RetainedAccuracyAfter > Policy.LargestAccuracyLoss)
            return Invariant($"Accuracy on the rows that stay fell from {Trained.Retained:0.000} to {audit.RetainedAccuracyAfter:0.000}.");
        return Trained.Test - audit.TestAccuracyAfter > Policy.LargestAccuracyLoss
            ? Invariant($"Test accuracy fell from {Trained.Test:0.000} to {audit.TestAccuracyAfter:0.000}.")
            : null;
    }

    private double TestAccuracy(ITarget model) => TestRows is null ? double.NaN : ModelAnswers.Of(model, TestRows).Accuracy;

    /// <summary>The nearest of the rows that stay, by cosine in the representation φ of the model before.</summary>
    private IReadOnlyList<int> Nearest()
    {
        using var scope = torch.NewDisposeScope();
        int[] retained = [.. Request.Retained];
        var unit = torch.nn.functional.normalize(Points());
        var stay = unit.index_select(0, torch.tensor(Array.ConvertAll(retained, position => (long)position)));
        HashSet<int> nearest = [];
        foreach (var position in Request.Forget)
        {
            using var each = torch.NewDisposeScope();
            var (_, found) = stay.matmul(unit[position]).topk(Math.Min(Neighbors, retained.Length));
            foreach (var place in found.data<long>())
                nearest.Add(retained[place]);
        }
        return [.. nearest];
    }

    private torch.Tensor Points()
    {
        var rows = Request.Rows;
        try
        {
            return torch.cat([.. Enumerable.Range(0, (rows.Count + rows.AtOnce - 1) / rows.AtOnce).Select(batch =>
                Request.Target.Embed(rows.Features.narrow(0, batch * rows.AtOnce, Math.Min(rows.AtOnce, rows.Count - batch * rows.AtOnce))))]);
        }
        catch (NotSupportedException)
        {
            return rows.Features;
        }
    }

    private static double Share(IReadOnlyList<int> positions, Func<int, bool> isCounted) => positions.Count(isCounted) / (double)positions.Count;
}
