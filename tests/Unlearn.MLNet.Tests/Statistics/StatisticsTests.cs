using CsCheck;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Statistics;

public sealed class StatisticsTests
{
    private static readonly Gen<(double[] First, double[] Second, bool[] Labels)> Pair =
        from n in Gen.Int[6, 40]
        from first in Gen.Int[-6, 6].Select(x => x / 4.0).Array[n]
        from second in Gen.Int[-6, 6].Select(x => x / 4.0).Array[n]
        from labels in Gen.Bool.Array[n]
        select (first, second, (bool[])[true, true, false, false, .. labels[4..]]);

    [Fact]
    public void The_difference_has_the_variance_of_the_placements_differences() => Pair.Sample(r =>
    {
        var difference = DeLong.Difference(r.First, r.Second, r.Labels);
        Assert.Equal(RankStatistics.Auc(r.First, r.Labels) - RankStatistics.Auc(r.Second, r.Labels), difference.Value, 12);
        var variance = VarianceOfMean(true) + VarianceOfMean(false);
        Assert.Equal(1.959964 * Math.Sqrt(variance), difference.High - difference.Value, tolerance: 1e-6);
        Assert.Equal(difference.High - difference.Value, difference.Value - difference.Low, 12);

        double VarianceOfMean(bool label)
        {
            var rows = Enumerable.Range(0, r.Labels.Length).Where(i => r.Labels[i] == label).ToArray();
            var placements = rows.Select(i => Placement(r.First, i) - Placement(r.Second, i)).ToArray();
            var mean = placements.Average();
            return placements.Sum(v => (v - mean) * (v - mean)) / (rows.Length - 1) / rows.Length;

            double Placement(double[] scores, int i) => Enumerable.Range(0, r.Labels.Length).Where(j => r.Labels[j] != label)
                .Average(j => scores[i] == scores[j] ? 0.5 : scores[i] > scores[j] == label ? 1 : 0);
        }
    });

    [Fact]
    public void DeLongs_interval_of_a_small_example_is_that_worked_out_by_hand()
    {
        // Hard 3, 5, 7 against easy 1, 2, 4, 6. Placements of the hard: 2/4, 3/4, 4/4, variance 1/16; of the easy: 3/3, 3/3, 2/3, 1/3, variance 11/108.
        double[] scores = [3, 5, 7, 1, 2, 4, 6];
        bool[] labels = [true, true, true, false, false, false, false];
        var (auc, low, high) = RankStatistics.AucWithInterval(scores, labels);
        Assert.Equal(0.75, auc, 12);
        var margin = 1.959964 * Math.Sqrt(1 / 16.0 / 3 + 11 / 108.0 / 4) / (0.75 * 0.25);
        Assert.Equal(1 / (1 + Math.Exp(-(Math.Log(3) - margin))), low, 6);
        Assert.Equal(1 / (1 + Math.Exp(-(Math.Log(3) + margin))), high, 6);
    }

    [Fact]
    public void A_score_does_not_differ_from_itself() =>
        Assert.Equal(new AucEstimate { Value = 0, Low = 0, High = 0 }, DeLong.Difference([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [false, true, false, true, true]));

    [Fact]
    public void The_bootstrap_of_single_rows_agrees_with_DeLong()
    {
        var (scores, labels) = NormalScores(new Random(8), 400);
        var (auc, low, high) = GroupBootstrap.Auc(scores, labels, [.. Enumerable.Range(0, 400)], seed: 1);
        var deLong = RankStatistics.AucWithInterval(scores, labels);
        Assert.Equal(deLong.Value, auc);
        Assert.InRange(low, deLong.Low - 0.01, deLong.Low + 0.01);
        Assert.InRange(high, deLong.High - 0.01, deLong.High + 0.01);
        Assert.Equal(new AucEstimate { Value = auc, Low = low, High = high }, GroupBootstrap.Auc(scores, labels, [.. Enumerable.Range(0, 400)], seed: 1));
    }

    [Fact]
    public void The_bootstrap_covers_the_true_auc_where_rows_come_in_copies_and_DeLong_does_not()
    {
        // AUC = Φ(1 / √2); each row has four copies.
        const double Truth = 0.7602499389;
        var random = new Random(20260102);
        var (bootstrap, deLong) = (0, 0);
        for (var i = 0; i < 100; i++)
        {
            var (scores, labels) = NormalScores(random, 100);
            double[] copies = [.. scores.SelectMany(score => Enumerable.Repeat(score, 4))];
            bool[] copiedLabels = [.. labels.SelectMany(label => Enumerable.Repeat(label, 4))];
            var grouped = GroupBootstrap.Auc(copies, copiedLabels, [.. Enumerable.Range(0, 400).Select(row => row / 4)], seed: i, replicates: 200);
            var single = RankStatistics.AucWithInterval(copies, copiedLabels);
            bootstrap += grouped.Low <= Truth && Truth <= grouped.High ? 1 : 0;
            deLong += single.Low <= Truth && Truth <= single.High ? 1 : 0;
        }
        Assert.InRange(bootstrap, 88, 100);
        Assert.InRange(deLong, 40, 80);
    }

    // Every resample scored pair by pair, and quantiles by linear interpolation.
    [Fact]
    public void The_bootstrap_is_that_of_a_slow_one() =>
        (from n in Gen.Int[8, 30]
         from scores in Gen.Int[0, 9].Select(x => (double)x).Array[n]
         from labels in Gen.Bool.Array[n]
         from groups in Gen.Int[0, 7].Array[n]
         from seed in Gen.Int[0, 1000]
         select (scores, labels: (bool[])[true, true, false, false, .. labels[4..]], groups: (int[])[50, 51, 52, 53, .. groups[4..]], seed)).Sample(r =>
        {
            var random = new SeededRandom(Seed.Derive(r.seed, "bootstrap"));
            int[] names = [.. r.groups.Distinct()];
            List<double> areas = [];
            for (var replicate = 0; replicate < 120; replicate++)
            {
                var drawn = Enumerable.Range(0, names.Length).Select(_ => names[random.Next(names.Length)]).ToList();
                int[] rows = [.. drawn.SelectMany(name => Enumerable.Range(0, r.groups.Length).Where(row => r.groups[row] == name))];
                if (rows.Any(row => r.labels[row]) && rows.Any(row => !r.labels[row]))
                    areas.Add((from hard in rows where r.labels[hard] from easy in rows where !r.labels[easy]
                               select r.scores[hard] == r.scores[easy] ? 0.5 : r.scores[hard] > r.scores[easy] ? 1 : 0).Average());
            }
            areas.Sort();
            var (_, low, high) = GroupBootstrap.Auc(r.scores, r.labels, r.groups, r.seed, replicates: 120);
            Assert.Equal(Quantile(0.025), low, 1e-12);
            Assert.Equal(Quantile(0.975), high, 1e-12);

            double Quantile(double share)
            {
                var (whole, part) = ((int)(share * (areas.Count - 1)), share * (areas.Count - 1) % 1);
                return (1 - part) * areas[whole] + part * areas[whole + 1];
            }
        }, iter: 30);

    [Fact]
    public void A_class_in_a_single_group_has_no_bootstrap_interval()
    {
        Assert.True(double.IsNaN(GroupBootstrap.Auc([1, 2, 3, 4], [false, false, true, true], [0, 0, 1, 2], seed: 1).Low));
        Assert.False(double.IsNaN(GroupBootstrap.Auc([1, 2, 3, 4], [false, false, true, true], [0, 1, 2, 3], seed: 1).Low));
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupBootstrap.Auc([1, 2], [true, false], [0, 1], seed: 1, replicates: 99));
        var (_, low, high) = GroupBootstrap.Auc([1, 2, 3, 4], [true, true, false, false], [0, 0, 1, 2], seed: 1);
        Assert.True(double.IsNaN(low) && double.IsNaN(high));
        Assert.Throws<ArgumentException>(() => GroupBootstrap.Auc([1, 2], [true, true], [0, 1], seed: 1));
        Assert.Throws<ArgumentException>(() => GroupBootstrap.Auc([1, 2], [true, false], [0], seed: 1));
    }

    [Fact]
    public void KendallsW_is_one_for_the_same_order_and_counts_ties()
    {
        Assert.Equal(1, KendallsW.Of([[1, 2, 3, 4], [10, 20, 30, 40], [-4, -3, -2, -1]], 1).W, 12);
        // By hand: ranks 1.5 1.5 3 4 and 1 2.5 2.5 4. R = 2.5 4 5.5 8, S = 16.5, T = 6 each: W = 12 · 16.5 / (4 · 60 − 2 · 12).
        Assert.Equal(12 * 16.5 / (4 * 60 - 2 * 12), KendallsW.Of([[0, 0, 1, 2], [5, 6, 6, 7]], 1).W, 12);
        // Two pairs of ties: ranks 1.5 1.5 3.5 3.5 and 1 2 3 4. R = 2.5 3.5 6.5 7.5, S = 17, T = 12.
        Assert.Equal(12 * 17 / (4 * 60 - 2.0 * 12), KendallsW.Of([[0, 0, 1, 1], [5, 6, 7, 8]], 1).W, 12);
        Assert.Equal((double.NaN, double.NaN), KendallsW.Of([[1, 1, 1], [2, 2, 2]], 1) is var none ? (none.W, none.PValue) : default);
        Assert.Equal(0.25, KendallsW.Of([[1, 2], [1, 2], [1, 2], [1, 2]], 1).Independent);
        Assert.Throws<ArgumentOutOfRangeException>(() => KendallsW.Of([[1, 2], [1, 2]], 1, permutations: 0));
        Assert.Throws<ArgumentException>(() => KendallsW.Of([[1, 2]], 1));
        Assert.Throws<ArgumentException>(() => KendallsW.Of([[1, 2], [1, 2, 3]], 1));
    }

    [Fact]
    public void Permutations_that_agree_as_much_count()
    {
        Assert.Equal(1, KendallsW.Of([[1, 2], [2, 1]], 1, permutations: 99).PValue); // less than none is not possible
        Assert.InRange(KendallsW.Of([[1, 2], [1, 2]], 1, permutations: 99).PValue, 0.35, 0.65); // every other order is the same
    }

    [Fact]
    public void Without_ties_KendallsW_is_the_mean_rank_correlation_rescaled() =>
        Gen.Int[0, 1000].ArrayUnique[20].Select(ranking => ranking.Select(x => (double)x).ToArray()).Array[4].Sample(scores =>
        {
            var correlations = from i in Enumerable.Range(0, 4) from j in Enumerable.Range(i + 1, 3 - i) select RankStatistics.Spearman(scores[i], scores[j]);
            Assert.Equal(correlations.Average(), (4 * KendallsW.Of(scores, 1, permutations: 1).W - 1) / 3, 10);
        }, iter: 50);

    [Fact]
    public void KendallsW_has_a_small_p_value_only_where_rankings_agree()
    {
        var random = new Random(4);
        double[] Noise() => [.. Enumerable.Range(0, 60).Select(_ => random.NextDouble())];
        double[] shared = Noise();
        Assert.Equal(
            0.01, KendallsW.Of([shared, [.. shared.Zip(Noise(), (a, b) => a + b)], [.. shared.Zip(Noise(), (a, b) => a + b)]], 1, permutations: 99).PValue, 12);
        var pValues = Enumerable.Range(0, 200).Select(i => KendallsW.Of([Noise(), Noise(), Noise()], i, permutations: 99).PValue).ToArray();
        Assert.InRange(pValues.Average(), 0.42, 0.58);
        Assert.InRange(pValues.Count(p => p <= 0.1), 8, 34);
    }

    [Fact]
    public void Calibration_is_that_worked_out_by_hand()
    {
        var calibration = Calibration.Of([0.1, 0.15, 0.8, 1, 0.8], [false, true, true, true, false]);
        Assert.Equal((0.01 + 0.7225 + 0.04 + 0 + 0.64) / 5, calibration.Brier, 12);
        Assert.Equal(1 - calibration.Brier / 0.24, calibration.BrierSkill, 12);
        Assert.Equal(3, calibration.Bins.Count);
        Assert.Equal((0.1, 2, 0.125, 0.5), (calibration.Bins[0].Low, calibration.Bins[0].Rows, calibration.Bins[0].Predicted, calibration.Bins[0].Observed));
        Assert.Equal((0.9, 1, 1.0, 1.0), (calibration.Bins[2].Low, calibration.Bins[2].Rows, calibration.Bins[2].Predicted, calibration.Bins[2].Observed));
        Assert.Equal((2 * 0.375 + 2 * 0.3 + 0) / 5, calibration.ExpectedCalibrationError, 12);
        Assert.Equal([0.2, 0.9, 1.0], calibration.Bins.Select(bin => bin.High));
        Assert.True(double.IsNaN(Calibration.Of([0, 1], [true, true]).BrierSkill));
        Assert.True(double.IsNaN(Calibration.Of([0, 1], [false, false]).BrierSkill));
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Of([0.5], [true], bins: 1));
        Assert.Throws<ArgumentException>(() => Calibration.Of([1.5], [true]));
        Assert.Throws<ArgumentException>(() => Calibration.Of([-0.5], [true]));
        Assert.Throws<ArgumentException>(() => Calibration.Of([double.NaN], [true]));
        Assert.Throws<ArgumentException>(() => Calibration.Of([], []));
    }

    [Theory]
    [InlineData(VerdictCriterion.AucInterval, 0.83, true)]
    [InlineData(VerdictCriterion.AucInterval, 0.82, false)]
    [InlineData(VerdictCriterion.CeilingShare, 0.82, true)]
    [InlineData(VerdictCriterion.ToldApart, 0.82, false)]
    [InlineData(VerdictCriterion.LeaveOneOut, 0.81, false)]
    [InlineData(VerdictCriterion.LeaveOneOut, double.NaN, null)]
    public void A_verdict_follows_its_criterion(VerdictCriterion criterion, double value, bool? passed)
    {
        var verdict = new Verdict { Criterion = criterion, Value = value, Target = 0.82 };
        Assert.Equal(passed, verdict.Passed);
        Assert.StartsWith(passed switch { true => "PASS:", false => "FAIL:", null => "NO VERDICT:" }, verdict.ToString(), StringComparison.Ordinal);
    }

    private static (double[] Scores, bool[] Labels) NormalScores(Random random, int rows)
    {
        bool[] labels = [.. Enumerable.Range(0, rows).Select(row => row % 4 == 0)];
        return ([.. labels.Select(hard => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) + (hard ? 1 : 0))],
            labels);
    }
}
