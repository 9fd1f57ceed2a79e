using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.MLNet.Statistics;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Evaluation;

public sealed class SimpleBaselinesTests
{
    [Fact]
    public void Pairs_of_rows_count_within_their_fifth_of_the_confidences_only()
    {
        // Fifths by loss: two rows without a hard one; right; wrong; tied; two hard ones.
        float[] loss = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
        double[] predictions = [1, 2, 5, 5, 2, 1, 3, 4, 9, 8];
        bool[] labels = [true, true, true, false, false, true, false, true, false, false];
        Assert.Equal((1 + 0 + 0.5) / 3, SimpleBaselines.WithinConfidenceBands(predictions, loss, labels), 1e-12);
    }

    [Fact]
    public void A_fifth_counts_by_its_pairs_of_hard_and_easy_rows()
    {
        // One of three rows hard and ranked first (two pairs, right); then, of rows 12 to 14, two hard and one of them ranked below the easy one (two
        // pairs, one right).
        float[] loss = [.. Enumerable.Range(0, 15).Select(row => (float)row)];
        var predictions = new double[15];
        var labels = new bool[15];
        (labels[0], predictions[0]) = (true, 1);
        (labels[12], predictions[12], labels[13], predictions[13], predictions[14]) = (true, 3, true, 1, 2);
        labels[3] = labels[4] = labels[5] = true;
        Assert.Equal((2 + 1) / 4.0, SimpleBaselines.WithinConfidenceBands(predictions, loss, labels), 1e-12);
        Assert.True(double.IsNaN(SimpleBaselines.WithinConfidenceBands(predictions, loss, new bool[15])));
        Assert.True(double.IsNaN(SimpleBaselines.WithinConfidenceBands(predictions, loss, [.. Enumerable.Repeat(true, 15)])));
    }

    [Fact]
    public void Fifths_of_unequal_size_begin_with_the_least_losses()
    {
        // Seven rows: fifths of 1, 1, 2, 1 and 2. Of the third the prediction is right, of the last wrong; from above, fifths would pair other rows.
        float[] loss = [0, 1, 2, 3, 4, 5, 6];
        bool[] labels = [true, true, true, false, true, true, false];
        Assert.Equal(0.5, SimpleBaselines.WithinConfidenceBands([0, 0, 2, 1, 0, 1, 2], loss, labels), 1e-12);
        Assert.Equal(0, SimpleBaselines.WithinConfidenceBands([0, 0, 1, 2, 0, 1, 2], loss, labels), 1e-12);
    }

    [Fact]
    public void A_class_with_rows_of_one_kind_has_no_AUC()
    {
        var within = SimpleBaselines.WithinClasses([3, 1, 2, 5, 4, 6, 7], [0, 0, 0, 1, 1, 2, 2], [true, false, true, true, true, false, false]);
        Assert.Equal([1, double.NaN, double.NaN], within);
        Assert.Equal([0.5], SimpleBaselines.WithinClasses([2, 1, 3], [0, 0, 0], [true, false, false]));
    }

    [Fact]
    public void A_class_scores_by_its_hard_rows_in_the_other_folds()
    {
        int[] classes = [.. Enumerable.Range(0, 40).Select(row => row == 7 ? 2 : row % 2)];
        bool[] labels = [.. Enumerable.Range(0, 40).Select(row => row % 2 == 0 ? row % 3 != 0 : row % 5 == 0)];
        var folds = GroupedFolds.Split([.. Enumerable.Range(0, 40)], 4, seed: 1);
        double[] expected = [.. Enumerable.Range(0, 40).Select(row =>
        {
            var others = Enumerable.Range(0, 40).Where(other => folds.Folds[other] != folds.Folds[row]).ToList();
            var same = others.Where(other => classes[other] == classes[row]).ToList();
            return (same.Count > 0 ? same : others).Average(other => labels[other] ? 1.0 : 0);
        })];
        Assert.Equal(RankStatistics.Auc(expected, labels), SimpleBaselines.ClassAlone(classes, labels, folds), 1e-12);
    }
}
