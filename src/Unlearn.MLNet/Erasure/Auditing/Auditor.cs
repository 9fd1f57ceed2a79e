using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet.Erasure.Storage;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Statistics;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Auditing;

/// <summary>Audits models from which rows were unlearned. What all requests of a case share is computed once.</summary>
/// <param name="unlearning">What was forgotten, of all requests together; its target is the model before.</param>
/// <param name="testRows">Rows that no model was trained on; <see langword="null"/> if there are none.</param>
/// <param name="policy">What is accepted.</param>
/// <param name="tolerance">Largest residual memory that is accepted.</param>
/// <param name="hasher">Makes the hashes that stand for rows.</param>
/// <param name="trained">Accuracy of the model as it was trained last; NaN where it is not known, and the model before stands in for it.</param>
internal sealed class Auditor(
    UnlearningRequest unlearning, TrainingRows? testRows, ErasurePolicy policy, double tolerance, RowHasher hasher, (double Retained, double Test) trained)
{
    private const int Neighbors = 10;
    private const int ValuesAtOnce = 1 << 24;

    private readonly Lazy<Answers> _before = new(() => Answers.Of(unlearning.Target, unlearning.Rows, testRows));
    private readonly Lazy<Dictionary<int, int[]>> _nearest = new(() => Nearest(unlearning));

    private (ITarget Model, Answers Answers)? _after;

    /// <summary>Audits a model for one request.</summary>
    /// <param name="forget">Positions of the request's rows.</param>
    /// <param name="method">What made the model.</param>
    /// <param name="isExact">Whether it never saw the rows by construction: then the audit is for the record.</param>
    /// <param name="model">The model.</param>
    /// <param name="modelHash">Its hash.</param>
    /// <param name="references">Models that never saw the rows, and the seconds that they took.</param>
    public ErasureAudit Run(
        IReadOnlyList<int> forget, string method, bool isExact, ITarget model, string modelHash, (AuditReferences References, double Seconds) references)
    {
        var clock = Stopwatch.GetTimestamp();
        var (before, after) = (_before.Value, After(model));
        AuditedRow[] audited = [.. forget.Select(position => Row(position, after.Training, references.References))];
        var isMeasured = references.References.Of.Count > 0;
        var above = audited.Count(row => row.ResidualMemory > tolerance);
        var allowed = isMeasured ? Math.Min(
            audited.Length - 1, BinomialLimits.Upper(audited.Length, references.References.FalseAlarmRate, 1 - policy.Confidence)) : 0; // never all of them
        var (low, high) = isMeasured ? BinomialLimits.Wilson(above, audited.Length) : (double.NaN, double.NaN);
        var retained = unlearning.Retained;
        var audit = new ErasureAudit
        {
            Method = method, ModelHash = modelHash, Rows = audited, References = references.References.Words, IsMeasured = isMeasured, Tolerance = tolerance,
            FalseAlarmRate = references.References.FalseAlarmRate, AllowedRows = allowed, RowsAbove = above, ShareAboveLow = low, ShareAboveHigh = high,
            MeanResidualMemory = audited.Average(row => row.ResidualMemory),
            RetainedAccuracyBefore = Share(retained, position => before.Training.IsCorrect[position]),
            RetainedAccuracyAfter = Share(retained, position => after.Training.IsCorrect[position]),
            TestAccuracyBefore = before.TestAccuracy, TestAccuracyAfter = after.TestAccuracy,
            ChangedPredictions = Share(retained, IsChanged),
            ChangedNeighbors = Share([.. forget.SelectMany(position => _nearest.Value[position]).Distinct()], IsChanged),
            Passed = false, Reason = "", Seconds = 0,
        };
        var objection = isExact ? null : Objection(audit);
        return audit with
        {
            Passed = objection is null,
            Reason = objection ?? (isExact ? "No row is left in it by construction."
                : !isMeasured ? "Accuracy is within the policy; residual memory was not measured."
                : Invariant($"{above} of {audited.Length} rows lie above {tolerance:0.##}; {allowed} are allowed.")),
            Seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds + references.Seconds,
        };

        bool IsChanged(int position) => before.Training.Predictions[position] != after.Training.Predictions[position];
    }

    private Answers After(ITarget model)
    {
        if (ReferenceEquals(model, unlearning.Target))
            return _before.Value;
        if (_after is not { } made || !ReferenceEquals(made.Model, model))
            _after = made = (model, Answers.Of(model, unlearning.Rows, testRows));
        return made.Answers;
    }

    private AuditedRow Row(int position, ModelAnswers answers, AuditReferences references)
    {
        double logit = answers.LogitConfidences[position];
        var hash = hasher.OfId(unlearning.Rows.Ids[position]);
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
            return Invariant($"{audit.RowsAbove} of {audit.Rows.Count} rows lie above {tolerance:0.##}; {audit.AllowedRows} are allowed.");
        if (trained.Retained - audit.RetainedAccuracyAfter > policy.LargestAccuracyLoss)
            return Invariant($"Accuracy on the rows that stay fell from {trained.Retained:0.000} to {audit.RetainedAccuracyAfter:0.000}.");
        var test = double.IsNaN(trained.Test) ? audit.TestAccuracyBefore : trained.Test;
        return test - audit.TestAccuracyAfter > policy.LargestAccuracyLoss
            ? Invariant($"Test accuracy fell from {test:0.000} to {audit.TestAccuracyAfter:0.000}.")
            : null;
    }

    /// <summary>The nearest of the rows that stay of each forgotten row, by cosine in the representation φ of the model before, or in the features.</summary>
    private static Dictionary<int, int[]> Nearest(UnlearningRequest unlearning)
    {
        using var scope = torch.NewDisposeScope();
        using var points = NearestRows.Points(unlearning.Target, unlearning.Rows) ?? NearestRows.Points(unlearning.Rows, features => features);
        var queries = points.Select(torch.tensor(unlearning.Forget.Select(position => (long)position).ToArray()));
        var nearest = unlearning.Forget.Select(_ => (Cosines: Array.Empty<float>(), Positions: Array.Empty<int>())).ToArray();
        foreach (var block in unlearning.Retained.Chunk((int)Math.Max(1, ValuesAtOnce / points.Width)))
        {
            using var blockScope = torch.NewDisposeScope();
            var stay = points.Select(torch.tensor(Array.ConvertAll(block, position => (long)position)));
            for (var i = 0; i < nearest.Length; i++)
            {
                using var each = torch.NewDisposeScope();
                int[] known = [.. nearest[i].Positions, .. block];
                var (cosines, found) = torch.cat([torch.tensor(nearest[i].Cosines), stay.matmul(queries[i])]).topk(Math.Min(Neighbors, known.Length));
                nearest[i] = (cosines.data<float>().ToArray(), [.. found.data<long>().Select(place => known[place])]);
            }
        }
        return unlearning.Forget.Zip(nearest).ToDictionary(row => row.First, row => row.Second.Positions);
    }

    private static double Share(IReadOnlyList<int> positions, Func<int, bool> isCounted) => positions.Count(isCounted) / (double)positions.Count;

    private sealed record Answers(ModelAnswers Training, double TestAccuracy)
    {
        public static Answers Of(ITarget model, TrainingRows rows, TrainingRows? testRows) =>
            new(ModelAnswers.Of(model, rows), testRows is null ? double.NaN : ModelAnswers.Of(model, testRows).Accuracy);
    }
}
