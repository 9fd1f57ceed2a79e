using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.Hardness.Evaluation;

/// <summary>What would be known of hardness without a hardness model: from a row's class, and from the target's confidence in it.</summary>
internal static class SimpleBaselines
{
    private const int Bands = 5;

    /// <summary>AUC of the share of hard rows in a row's class, taken from the other folds.</summary>
    public static double ClassAlone(IReadOnlyList<int> classes, IReadOnlyList<bool> labels, GroupedFolds folds)
    {
        var scores = new double[labels.Count];
        for (var fold = 0; fold < folds.Count; fold++)
        {
            int[] training = folds.Training(fold);
            var all = training.Average(row => labels[row] ? 1.0 : 0);
            var ofClass = training.GroupBy(row => classes[row]).ToDictionary(group => group.Key, group => group.Average(row => labels[row] ? 1.0 : 0));
            foreach (var row in folds.HeldOut(fold))
                scores[row] = ofClass.GetValueOrDefault(classes[row], all);
        }
        return RankStatistics.Auc(scores, labels);
    }

    /// <summary>AUC of predictions within each class; NaN for a class without both kinds of rows.</summary>
    public static double[] WithinClasses(IReadOnlyList<double> predictions, IReadOnlyList<int> classes, IReadOnlyList<bool> labels) =>
        [.. Enumerable.Range(0, classes.Max() + 1)
            .Select(k => Auc(predictions, labels, [.. Enumerable.Range(0, labels.Count).Where(row => classes[row] == k)]))];

    /// <summary>
    /// AUC of predictions over pairs of rows from the same fifth of the target's confidences: what they tell beyond the confidence. NaN if no fifth
    /// has both kinds of rows.
    /// </summary>
    public static double WithinConfidenceBands(IReadOnlyList<double> predictions, IReadOnlyList<float> loss, IReadOnlyList<bool> labels)
    {
        int[] order = [.. Enumerable.Range(0, labels.Count).OrderBy(row => loss[row])];
        var (right, pairs) = (0.0, 0.0);
        for (var band = 0; band < Bands; band++)
        {
            int[] rows = order[(band * order.Length / Bands)..((band + 1) * order.Length / Bands)];
            var hard = rows.Count(row => labels[row]);
            if (hard == 0 || hard == rows.Length)
                continue;
            var weight = (double)hard * (rows.Length - hard);
            right += weight * Auc(predictions, labels, rows);
            pairs += weight;
        }
        return right / pairs;
    }

    private static double Auc(IReadOnlyList<double> predictions, IReadOnlyList<bool> labels, int[] rows)
    {
        bool[] own = Array.ConvertAll(rows, row => labels[row]);
        return own.Contains(true) && own.Contains(false) ? RankStatistics.Auc(Array.ConvertAll(rows, row => predictions[row]), own) : double.NaN;
    }
}
