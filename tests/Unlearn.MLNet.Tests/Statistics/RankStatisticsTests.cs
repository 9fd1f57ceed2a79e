using CsCheck;
using Unlearn.MLNet.Statistics;
using Xunit;

namespace Unlearn.MLNet.Tests.Statistics;

public sealed class RankStatisticsTests
{
    // Few distinct scores, so that ties are common, and at least one row of each class.
    private static readonly Gen<(double[] Scores, bool[] Labels)> Ranking =
        from n in Gen.Int[2, 40]
        from scores in Gen.Int[-6, 6].Select(x => x / 4.0).Array[n]
        from labels in Gen.Bool.Array[n]
        select (scores, (bool[])[true, false, .. labels[2..]]);

    [Fact]
    public void AucIsTheShareOfOrderedPairs() => Ranking.Sample(
        r => Assert.Equal(PairCount(r.Scores, r.Labels), RankStatistics.Auc(r.Scores, r.Labels), 12));

    [Fact]
    public void AucSurvivesMonotoneTransforms() => Ranking.Sample(
        r => Assert.Equal(RankStatistics.Auc(r.Scores, r.Labels), RankStatistics.Auc([.. r.Scores.Select(x => Math.Exp(3 * x) - 7)], r.Labels)));

    [Fact]
    public void FlippedLabelsGiveTheComplement() => Ranking.Sample(
        r => Assert.Equal(1 - RankStatistics.Auc(r.Scores, r.Labels), RankStatistics.Auc(r.Scores, [.. r.Labels.Select(x => !x)]), 12));

    [Fact]
    public void UnthinnedRocHasTheAreaOfTheAuc() => Ranking.Sample(r =>
    {
        var roc = RankStatistics.Roc(r.Scores, r.Labels);
        var area = roc.Zip(roc.Skip(1), (p, q) => (q.FalsePositiveRate - p.FalsePositiveRate) * (p.TruePositiveRate + q.TruePositiveRate) / 2).Sum();
        Assert.Equal(RankStatistics.Auc(r.Scores, r.Labels), area, 12);
        Assert.Equal(r.Scores.Distinct().Count() + 1, roc.Count);
    });

    [Fact]
    public void ThinnedRocKeepsItsEndsAndItsOrder() => Ranking.Sample(r =>
    {
        var roc = RankStatistics.Roc(r.Scores, r.Labels, 4);
        Assert.InRange(roc.Count, 2, 4);
        Assert.Equal(new RocPoint { FalsePositiveRate = 0, TruePositiveRate = 0 }, roc[0]);
        Assert.Equal(new RocPoint { FalsePositiveRate = 1, TruePositiveRate = 1 }, roc[^1]);
        Assert.All(roc.Zip(roc.Skip(1)), p => Assert.True(
            p.First.FalsePositiveRate <= p.Second.FalsePositiveRate && p.First.TruePositiveRate <= p.Second.TruePositiveRate));
    });

    [Fact]
    public void IntervalHasTheVarianceOfTheDirectComputation() => Ranking.Where(IsEstimable).Sample(r =>
    {
        var (auc, low, high) = RankStatistics.AucWithInterval(r.Scores, r.Labels);
        var margin = 1.959964 * Math.Sqrt(DirectDeLongVariance(r.Scores, r.Labels)) / (auc * (1 - auc));
        Assert.Equal(margin, Logit(auc) - Logit(low), 1e-4);
        Assert.Equal(margin, Logit(high) - Logit(auc), 1e-4);
    });

    [Theory]
    [InlineData(0.0, 60, 240)]
    [InlineData(1.0, 60, 240)]
    [InlineData(2.0, 40, 160)]
    public void IntervalCoversTheTrueAuc(double shift, int positives, int negatives)
    {
        // Normal scores of equal spread: AUC = Φ(shift / √2), here by its values for the three shifts.
        var truth = shift switch { 0 => 0.5, 1 => 0.7602499389, _ => 0.9213503965 };
        var random = new Random(20260101);
        var covered = Enumerable.Range(0, 400).Count(_ =>
        {
            bool[] labels = [.. Enumerable.Range(0, positives + negatives).Select(i => i < positives)];
            var scores = labels.Select(hard => Normal(random) + (hard ? shift : 0)).ToArray();
            var (_, low, high) = RankStatistics.AucWithInterval(scores, labels);
            return low <= truth && truth <= high;
        });
        Assert.InRange(covered, 368, 396);
    }

    [Fact]
    public void PerfectSeparationLeavesAnOpenEnd()
    {
        double[] scores = [1, 2, 3, 4, 5];
        bool[] labels = [false, false, false, true, true];
        var perfect = RankStatistics.AucWithInterval(scores, labels);
        var inverted = RankStatistics.AucWithInterval(scores, [.. labels.Select(x => !x)]);
        Assert.Equal(new AucEstimate { Value = 1, Low = Math.Sqrt(0.025), High = 1 }, perfect);
        Assert.Equal(new AucEstimate { Value = 0, Low = 0, High = 1 - Math.Sqrt(0.025) }, inverted);
    }

    [Fact]
    public void ASinglePositiveHasAnAucButNoInterval()
    {
        var (auc, low, high) = RankStatistics.AucWithInterval([1, 2, 3], [false, true, false]);
        Assert.Equal(0.5, auc);
        Assert.True(double.IsNaN(low) && double.IsNaN(high));
    }

    [Fact]
    public void AveragePrecisionIsTheSumOverDistinctThresholds() => Ranking.Sample(
        r => Assert.Equal(SlowAveragePrecision(r.Scores, r.Labels), RankStatistics.AveragePrecision(r.Scores, r.Labels), 12));

    [Fact]
    public void AveragePrecisionOfAKnownRanking() =>
        Assert.Equal(0.8333333333, RankStatistics.AveragePrecision([0.1, 0.4, 0.35, 0.8], [false, false, true, true]), 9); // scikit-learn's example

    [Fact]
    public void SpearmanIsTheCorrelationOfCountedRanks() =>
        Gen.Select(Gen.Int[-5, 5].Select(x => (double)x).Array[12], Gen.Double[-1, 1].Array[12]).Where((a, _) => a.Distinct().Count() > 1)
            .Sample((a, b) => Assert.Equal(SlowSpearman(a, b), RankStatistics.Spearman(a, b), 10));

    [Fact]
    public void SpearmanOfKnownValues()
    {
        // Wikipedia's example of IQ against hours of television: −29/165.
        Assert.Equal(
            -29.0 / 165, RankStatistics.Spearman([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]), 12);
        Assert.Equal(1, RankStatistics.Spearman([1, 2, 3], [2, 4, 800]), 12);
        Assert.Equal(-1, RankStatistics.Spearman([1, 2, 3], [0, -1, double.NegativeInfinity]), 12);
    }

    [Fact]
    public void SpearmanOfAConstantIsUndefined()
    {
        Assert.True(double.IsNaN(RankStatistics.Spearman([1, 1, 1], [1, 2, 3])));
        Assert.True(double.IsNaN(RankStatistics.Spearman([1], [2])));
        Assert.True(double.IsNaN(RankStatistics.Spearman([], [])));
    }

    [Fact]
    public void RanksShareTies() => Assert.Equal([4, 1, 2.5, 2.5, 5], RankStatistics.Ranks([7, -1, 3, 3, double.PositiveInfinity]));

    [Fact]
    public void UndefinedRankingsAreErrorsThatNameTheProblem()
    {
        Assert.Contains("All 2 labels are positive", Message(() => RankStatistics.Auc([1, 2], [true, true])), StringComparison.Ordinal);
        Assert.Contains("All 2 labels are negative", Message(() => RankStatistics.AveragePrecision([1, 2], [false, false])), StringComparison.Ordinal);
        Assert.Contains("All 0 labels are negative", Message(() => RankStatistics.Roc([], [])), StringComparison.Ordinal);
        Assert.Contains("index 1 is NaN", Message(() => RankStatistics.AucWithInterval([1, double.NaN], [true, false])), StringComparison.Ordinal);
        Assert.Contains("index 0 is NaN", Message(() => RankStatistics.Spearman([double.NaN], [1])), StringComparison.Ordinal);
        Assert.Contains("3 scores but 2 labels", Message(() => RankStatistics.Auc([1, 2, 3], [true, false])), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.Roc([1, 2], [true, false], 1));
    }

    private static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;

    private static double PairCount(double[] scores, bool[] labels)
    {
        var pairs = from p in Enumerable.Range(0, scores.Length)
                    where labels[p]
                    from q in Enumerable.Range(0, scores.Length)
                    where !labels[q]
                    select Ordered(scores[p], scores[q]);
        return pairs.Average();
    }

    private static double Ordered(double positive, double negative) => positive > negative ? 1 : positive == negative ? 0.5 : 0;

    private static bool IsEstimable((double[] Scores, bool[] Labels) r) =>
        r.Labels.Count(x => x) > 1 && r.Labels.Count(x => !x) > 1 && PairCount(r.Scores, r.Labels) is > 0 and < 1;

    private static double DirectDeLongVariance(double[] scores, bool[] labels)
    {
        var positives = scores.Where((_, i) => labels[i]).ToArray();
        var negatives = scores.Where((_, i) => !labels[i]).ToArray();
        return SampleVariance([.. positives.Select(p => negatives.Average(q => Ordered(p, q)))]) / positives.Length
            + SampleVariance([.. negatives.Select(q => positives.Average(p => Ordered(p, q)))]) / negatives.Length;
    }

    private static double SampleVariance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }

    private static double SlowAveragePrecision(double[] scores, bool[] labels)
    {
        var (sum, before) = (0.0, 0.0);
        foreach (var threshold in scores.Distinct().OrderDescending())
        {
            var above = labels.Where((_, i) => scores[i] >= threshold).ToArray();
            var recall = above.Count(x => x) / (double)labels.Count(x => x);
            sum += (recall - before) * above.Count(x => x) / above.Length;
            before = recall;
        }

        return sum;
    }

    private static double SlowSpearman(double[] a, double[] b)
    {
        double[] x = [.. a.Select(v => a.Count(w => w < v) + (a.Count(w => w == v) + 1) / 2.0)];
        double[] y = [.. b.Select(v => b.Count(w => w < v) + (b.Count(w => w == v) + 1) / 2.0)];
        var (mx, my) = (x.Average(), y.Average());
        return x.Zip(y, (p, q) => (p - mx) * (q - my)).Sum() / Math.Sqrt(x.Sum(p => (p - mx) * (p - mx)) * y.Sum(q => (q - my) * (q - my)));
    }

    private static double Logit(double p) => Math.Log(p / (1 - p));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
