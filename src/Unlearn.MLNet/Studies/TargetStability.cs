using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.Studies;

/// <summary>Whether hardness belongs to the row or to the target: studies of the same rows, each with a target of its own.</summary>
internal sealed record TargetStability
{
    /// <summary>How far scores and labels agree between the targets.</summary>
    public required LabelStability Labels { get; init; }

    /// <summary>AUC of each target's own hardness model, cross-validated, with DeLong's interval: that of other rows and the same target.</summary>
    public required IReadOnlyList<AucEstimate> Aucs { get; init; }

    /// <summary>
    /// Their mean, with Student's 95 % interval over targets: that of the same rows and another target. The interval is made on log-odds. It is wide
    /// with few targets: 12.7 standard errors to each side with two, 4.3 with three.
    /// </summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>Compares targets; <see langword="null"/> if the data sets do not all hold the same rows with their scores.</summary>
    /// <param name="sets">The data sets, at least two.</param>
    /// <param name="transfer">What <see cref="DataSetTransfer"/> found for them.</param>
    /// <param name="hardShare">Share of rows that count as hard, in (0, 1).</param>
    public static TargetStability? Of(IReadOnlyList<TransferDataSet> sets, TransferMatrix transfer, double hardShare)
    {
        var places = sets.Select(set => sets[0].PlacesIn(set)).ToList();
        if (sets.Any(set => set.Scores.Count != sets[0].RowIds.Count || set.RowIds.Count != sets[0].RowIds.Count)
            || places.Any(rows => rows is null || rows.Contains(-1)))
            return null;
        AucEstimate[] own = [.. sets.Select((_, set) => transfer.Auc[set][set])];
        return new()
        {
            Labels = LabelStability.Of(
                [.. sets.Zip(places).Select(set => Array.ConvertAll(set.Second!, row => set.First.Scores[row]))], hardShare,
                [.. sets.Select(set => set.Reliability)]),
            Aucs = own,
            Auc = Mean([.. own.Select(auc => auc.Value)]),
        };
    }

    private static AucEstimate Mean(double[] aucs)
    {
        var mean = aucs.Average();
        double[] logits = [.. aucs.Select(Logit)];
        var center = logits.Average();
        var error = Math.Sqrt(logits.Sum(logit => (logit - center) * (logit - center)) / (aucs.Length - 1) / aucs.Length);
        var margin = StudentT.Quantile975(aucs.Length - 1) * error;
        return new() { Value = mean, Low = Logistic(Logit(mean) - margin), High = Logistic(Logit(mean) + margin) };
    }

    private static double Logit(double share) => Math.Log(share / (1 - share));

    private static double Logistic(double logit) => 1 / (1 + Math.Exp(-logit));
}
