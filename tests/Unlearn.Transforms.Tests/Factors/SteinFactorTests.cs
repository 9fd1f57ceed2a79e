using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

public sealed class SteinFactorTests
{
    [Theory]
    [InlineData("mlp")]
    [InlineData("cnn")]
    public void Factors_equal_the_stein_kernel_summed_over_all_pairs(string name)
    {
        using var rows = TinyRows.Training(25, 64);
        using var target = TinyRows.Trained(name == "mlp" ? TorchArchitecture.Mlp(64, TinyRows.Classes, 6) : TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [3, 4, 6]), rows);
        using var oracle = new DoubleTarget(target);
        var values = FittedFactors.Fit(target, rows, HardnessFactors.SteinScoreNorm, HardnessFactors.SteinMarginal).Compute(FittedFactors.Rows(rows));

        var data = Enumerable.Range(0, rows.Count).Select(row => Data(rows, row)).ToList();
        var scores = Enumerable.Range(0, rows.Count).Select(row => Score(oracle, rows, row)).ToList();
        var dimensions = data[0].Length;
        double Kappa(int a, int b) => Dot(scores[a], scores[b]) * Dot(data[a], data[b]) + Dot(scores[a], data[a]) + Dot(data[b], scores[b]) + dimensions;
        var constant = Enumerable.Range(0, rows.Count).Average(b => Dot(data[b], scores[b])) + dimensions;
        for (var row = 0; row < rows.Count; row++)
        {
            Assert.Equal(Math.Sqrt(Dot(scores[row], scores[row])), values[0][row], 1e-4);
            var expected = Enumerable.Range(0, rows.Count).Average(b => Kappa(row, b)) - constant;
            Assert.Equal(expected, values[1][row], 1e-4 * Math.Abs(expected) + 1e-4);
        }
    }

    [Fact]
    public void Data_too_wide_for_a_square_matrix_is_refused_before_any_pass()
    {
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(SteinMoments.LargestWidth, 2), TorchDevice.Cpu, seed: 1);
        var failure = Assert.Throws<NotSupportedException>(() => FittedFactors.Fit(target, new FactorRows([], [], null), HardnessFactors.SteinMarginal));
        Assert.Contains("SteinScoreNorm", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_of_tokens_is_refused()
    {
        using var target = TorchTarget.Untrained(TorchArchitecture.BagOfTokens(tokenCount: 3, vocabularySize: 5, dimensions: 4, classCount: 2), TorchDevice.Cpu, seed: 1);
        var failure = Assert.Throws<NotSupportedException>(() => FittedFactors.Fit(target, new FactorRows([1, 2, 3, 4, 0, 0], [0, 1], null), HardnessFactors.SteinMarginal));
        Assert.Contains("leave SteinMarginal out", failure.Message, StringComparison.Ordinal);
    }

    private static double[] Data(TrainingRows rows, int row) =>
        [.. rows.FeaturesAt(row).ToArray(), .. Enumerable.Range(0, TinyRows.Classes).Select(k => k == rows.LabelAt(row) ? 1.0 : 0)];

    private static double[] Score(DoubleTarget target, TrainingRows rows, int row)
    {
        double[] x = [.. rows.FeaturesAt(row).ToArray()];
        return [.. target.InputGradient(x, logits => logits.log_softmax(0)[rows.LabelAt(row)]), .. target.Probabilities(x)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
