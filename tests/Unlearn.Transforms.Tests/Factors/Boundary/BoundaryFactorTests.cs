using CsCheck;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Boundary;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Boundary;

public sealed class BoundaryFactorTests
{
    [Theory]
    [InlineData("mlp")]
    [InlineData("cnn")]
    public void Distances_equal_those_of_one_row_at_a_time(string name)
    {
        using var rows = TinyRows.Training(24, 64);
        using var target = TinyRows.Trained(
            name == "mlp" ? TorchArchitecture.Mlp(64, TinyRows.Classes, 16, 8) : TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [3, 4, 6]),
            rows,
            epochs: 2);
        using var oracle = new DoubleTarget(target);
        // Some rows are misclassified.
        var labeled = FactorFit.Rows(rows) with { Labels = [.. Enumerable.Range(0, rows.Count).Select(row => (long)(row * 7 / 5 % TinyRows.Classes))] };
        var fast = FactorFit.Fit(target, labeled, HardnessFactors.BoundaryDistance, HardnessFactors.DeepFoolDistance).Compute(labeled);
        for (var row = 0; row < rows.Count; row++)
        {
            double[] x = [.. rows.FeaturesAt(row).ToArray()];
            var first = Plane(oracle, x, (int)labeled.Labels[row]).Distance;
            Assert.Equal(first, fast[0][row], 1e-3 * Math.Abs(first) + 1e-5);
            var walked = PlainDeepFool(oracle, x, (int)labeled.Labels[row]);
            Assert.Equal(walked, fast[1][row], 1e-2 * Math.Abs(walked) + 1e-5);
        }
        Assert.Contains(fast[1], distance => distance < 0);
        Assert.Contains(fast[1], distance => distance > 0);
    }

    [Fact]
    public void DeepFool_of_a_linear_model_is_one_step_for_the_rows_that_are_classified_rightly()
    {
        using var rows = TinyRows.Training(60, 6);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes), rows);
        var values = FactorFit.Fit(target, rows, HardnessFactors.BoundaryDistance, HardnessFactors.DeepFoolDistance).Compute(FactorFit.Rows(rows));
        for (var row = 0; row < rows.Count; row++)
            if (values[0][row] > 0)
                Assert.Equal(values[0][row], values[1][row], 1e-4f * values[0][row]);
            else
                Assert.True(values[1][row] <= values[0][row] / (1 + (float)DeepFool.Overshoot) * (1 - 1e-4f),
                    "to become right, a row must cross every plane that is in the way");
    }

    [Fact]
    public void With_many_classes_a_linear_model_still_has_the_exact_distance()
    {
        const int Classes = 25;
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(4, Classes), TorchDevice.Cpu, seed: 3);
        using var oracle = new DoubleTarget(target);
        var random = new Random(2);
        var rows = new FactorRows(
            [.. Enumerable.Range(0, 4 * 30).Select(_ => random.NextSingle() * 2 - 1)], [.. Enumerable.Range(0, 30).Select(row => (long)(row % Classes))], null);
        var fast = FactorFit.Fit(target, rows, HardnessFactors.BoundaryDistance).Compute(rows)[0];
        for (var row = 0; row < rows.Count; row++)
        {
            var expected = Plane(oracle, [.. rows.Features.AsSpan(row * 4, 4).ToArray()], (int)rows.Labels[row]).Distance;
            Assert.Equal(expected, fast[row], 1e-4 * Math.Abs(expected) + 1e-5);
        }
    }

    /// <summary>f'(x) = f(x / s): features that are s times as large lie s times as far from the boundary.</summary>
    [Fact]
    public void Distances_scale_with_the_features() => Gen.Double[0.1, 10].Sample(scale =>
    {
        var architecture = TorchArchitecture.Mlp(5, TinyRows.Classes, 7);
        using var target = TorchTarget.Untrained(architecture, TorchDevice.Cpu, seed: 4);
        using var module = architecture.CreateModule(seed: 4);
        using (torch.no_grad())
            module.state_dict()["hidden1.weight"].div_(scale);
        using var scaled = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
        using var rows = TinyRows.Training(12, 5);
        var plain = FactorFit.Rows(rows);
        var large = plain with { Features = [.. plain.Features.Select(value => (float)(value * scale))] };
        var expected = FactorFit.Fit(target, plain, HardnessFactors.BoundaryDistance, HardnessFactors.DeepFoolDistance).Compute(plain);
        var actual = FactorFit.Fit(scaled, large, HardnessFactors.BoundaryDistance, HardnessFactors.DeepFoolDistance).Compute(large);
        for (var factor = 0; factor < expected.Length; factor++)
            for (var row = 0; row < rows.Count; row++)
                Assert.Equal(expected[factor][row] * scale, actual[factor][row], 1e-2 * Math.Abs(expected[factor][row] * scale) + 1e-5);
    }, iter: 10, threads: 1);

    private static (double Distance, double[] Step) Plane(DoubleTarget target, double[] x, int label)
    {
        var logits = target.Logits(x);
        return Enumerable.Range(0, logits.Length).Where(k => k != label).Select(k =>
        {
            var gradient = target.InputGradient(x, f => f[label] - f[k]);
            var norm = Math.Sqrt(gradient.Sum(value => value * value));
            var distance = (logits[label] - logits[k]) / norm;
            return (distance, gradient.Select(value => -distance * value / norm).ToArray());
        }).MinBy(plane => plane.distance);
    }

    [Fact]
    public void DeepFool_has_no_steps_between_tokens()
    {
        using var target = TorchTarget.Untrained(TorchArchitecture.BagOfTokens(4, 9, 3, 2), TorchDevice.Cpu, seed: 1);
        var rows = new FactorRows([1, 2, 3, 4, 5, 6, 7, 8], [0, 1], null);
        var error = Assert.Throws<NotSupportedException>(() => FactorFit.Fit(target, rows, HardnessFactors.DeepFoolDistance).Compute(rows));
        Assert.Contains(nameof(HardnessFactors.BoundaryDistance), error.Message);
    }

    private static double PlainDeepFool(DoubleTarget target, double[] x, int label)
    {
        var isRight = IsRight(x);
        var total = new double[x.Length];
        var crossed = false;
        for (var step = 0; step < DeepFool.MaximumSteps && !crossed; step++)
        {
            total = [.. total.Zip(Plane(target, step == 0 ? x : Moved(), label).Step, (a, b) => a + b)];
            crossed = IsRight(Moved()) != isRight;
        }
        return Math.Sqrt(total.Sum(value => value * value)) * (isRight ? 1 : -1);

        double[] Moved() => [.. x.Zip(total, (a, b) => a + (1 + DeepFool.Overshoot) * b)];

        bool IsRight(double[] at)
        {
            var logits = target.Logits(at);
            return Array.IndexOf(logits, logits.Max()) == label;
        }
    }
}
