using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

public sealed class CeilingTests
{
    private const double Share = 0.2;
    private const int Rows = 20_000;

    // Row 1 is the hardest of the second half, and the first half puts it above three of the other four. Row 0 is the hardest of the first half, and
    // the second puts it last.
    [Fact]
    public void Each_half_is_scored_against_the_label_of_the_other() =>
        Assert.Equal(
            (0.75 + 0) / 2, Ceiling.Reliability(new() { Unlearner = "X", All = [0, 0, 0, 0, 0], Halves = [[4, 3, 2, 1, 0], [0, 4, 1, 3, 2]] }, 0.2), 1e-12);

    [Fact]
    public void Halves_that_agree_have_a_ceiling_of_one()
    {
        HardnessScores scores = new() { Unlearner = "X", All = [0, 0, 0, 0], Halves = [[1, 2, 3, 4], [2, 3, 4, 9]] };
        Assert.Equal(1, Ceiling.Oracle(scores, 0.5));
        Assert.Equal(0.75, Ceiling.WithoutNoise(0.75, scores, 0.5), 1e-9);
    }

    [Fact]
    public void Halves_that_disagree_leave_nothing_to_be_predicted()
    {
        HardnessScores scores = new() { Unlearner = "X", All = [0, 0, 0, 0], Halves = [[1, 2, 3, 4], [4, 3, 2, 1]] };
        Assert.Equal(0.5, Ceiling.Oracle(scores, 0.5));
        Assert.True(double.IsNaN(Ceiling.WithoutNoise(0.75, scores, 0.5)));
    }

    // The truth is known here: the AUC of the rows' own values, which no trial shows, against the label of all trials; and of a guess against the
    // label of the values themselves.
    [Theory]
    [InlineData("normal", 0.5, 0.01)]
    [InlineData("normal", 1, 0.01)]
    [InlineData("normal", 2, 0.01)]
    [InlineData("skewed", 0.5, 0.01)]
    [InlineData("skewed", 1, 0.02)]
    [InlineData("spiked", 0.3, 0.02)]
    [InlineData("spiked", 0.6, 0.02)]
    public void The_oracle_ceiling_is_that_of_scores_without_noise(string values, double noise, double tolerance)
    {
        var random = new SeededRandom(7);
        var truth = Draw(_ => values switch
        {
            "normal" => random.NextNormal(),
            "skewed" => Math.Exp(random.NextNormal() / 2),
            _ => random.NextDouble() < 0.6 ? 0 : -Math.Log(1 - random.NextDouble()),
        });
        double[][] halves = [Draw(row => truth[row] + noise * random.NextNormal()), Draw(row => truth[row] + noise * random.NextNormal())];
        HardnessScores scores = new() { Unlearner = "X", All = Draw(row => (halves[0][row] + halves[1][row]) / 2), Halves = halves };
        var guess = Draw(row => truth[row] + 0.7 * random.NextNormal());

        var label = HardnessScores.Label(scores.All, Share);
        Assert.Equal(RankStatistics.Auc(truth, label), Ceiling.Oracle(scores, Share), tolerance);
        if (values == "normal")
            Assert.Equal(RankStatistics.Auc(guess, HardnessScores.Label(truth, Share)),
                Ceiling.WithoutNoise(RankStatistics.Auc(guess, label), scores, Share), tolerance);
        Assert.True(Ceiling.Reliability(scores, Share) < Ceiling.Oracle(scores, Share));

        static double[] Draw(Func<int, double> value) => [.. Enumerable.Range(0, Rows).Select(value)];
    }

    // 20 trials a half of 300 rows, drawn anew 200 times: the interval's half width is 1.96 standard deviations of the estimate on the scale of atanh r.
    [Fact]
    public void The_interval_covers_the_ceiling_of_new_trials()
    {
        const int rows = 400, trials = 20;
        var random = new SeededRandom(3);
        double[] truth = [.. Enumerable.Range(0, rows).Select(_ => random.NextNormal())];
        var within = 0;
        var estimates = Enumerable.Range(0, 60).Select(_ => Estimate()).ToList();
        var mean = estimates.Average(estimate => estimate.Value);
        foreach (var estimate in estimates)
        {
            Assert.True(estimate.Low < estimate.Value && estimate.Value < estimate.High);
            within += estimate.Low <= mean && mean <= estimate.High ? 1 : 0;
        }
        // Binomial: 60 intervals of 95 % cover 57; fewer than 50 come by chance less than once in a thousand.
        Assert.InRange(within, 50, 60);

        AucEstimate Estimate()
        {
            var values = Enumerable.Range(0, 2)
                .Select(_ => Enumerable.Range(0, trials).Select(_ => truth.Select(of => of + 4 * random.NextNormal()).ToArray()).ToArray())
                .ToArray();
            double[][] halves = [.. values.Select(half => Mean(half))];
            return Ceiling.OracleWithInterval(new()
            {
                Unlearner = "X",
                All = [.. halves[0].Zip(halves[1], (a, b) => (a + b) / 2)],
                Halves = halves,
                Resample = draw =>
                {
                    var chosen = new SeededRandom(Seed.Derive(draw, "test"));
                    return [.. values.Select(half => Mean([.. half.Select(_ => half[chosen.Next(trials)])]))];
                },
            }, Share);
        }

        static double[] Mean(double[][] of) => [.. Enumerable.Range(0, rows).Select(row => of.Average(trial => trial[row]))];
    }
}
