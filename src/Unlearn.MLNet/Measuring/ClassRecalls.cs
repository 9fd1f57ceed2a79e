using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Measuring;

/// <summary>How a model does on each class of some rows.</summary>
internal sealed record ClassRecalls(IReadOnlyList<double> Recalls, double MajorityShare)
{
    /// <summary>Recall of each class, NaN for a class without rows; and the share of the largest class.</summary>
    /// <param name="answers">The model's answers to all rows.</param>
    /// <param name="rows">The rows.</param>
    public static ClassRecalls Of(ModelAnswers answers, TrainingRows rows)
    {
        var (right, all) = (new int[rows.ClassCount], new int[rows.ClassCount]);
        for (var row = 0; row < rows.Count; row++)
        {
            var label = rows.LabelAt(row);
            all[label]++;
            right[label] += answers.IsCorrect[row] ? 1 : 0;
        }
        return new([.. right.Zip(all, (correct, count) => count == 0 ? double.NaN : correct / (double)count)], all.Max() / (double)rows.Count);
    }
}
