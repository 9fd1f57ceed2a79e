using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Prediction;

/// <summary>Factors of rows that the target is so sure of that 1 − p_y is 0 in single precision.</summary>
public sealed class SaturatedRowTests
{
    // A linear model of two features and three classes: logits some 30 apart. Its gradient is r ⊗ [x; 1] with r = p − onehot(y).
    [Fact]
    public void Gradients_are_accurate_at_a_logit_margin_of_30()
    {
        float[] features = [20, 2, 1, 25, 14, -3, 3, 26];
        using var rows = new TrainingRows(["a", "b", "c", "d"], features, 2, [0, 1, 0, 1], 3);
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(2, 3), TorchDevice.Cpu, seed: 1);
        double[][] weights = [[1.5, -0.5], [-0.25, 1.75], [-0.5, 0.5]];
        using (var scope = torch.NewDisposeScope())
        using (torch.no_grad())
        {
            target.Module
                .get_parameter("output.weight")!
                .copy_(torch.tensor(Array.ConvertAll(weights.SelectMany(row => row).ToArray(), Convert.ToSingle), [3, 2]));
            target.Module.get_parameter("output.bias")!.zero_();
        }
        var values = FactorFit.Fit(target, rows, HardnessFactors.EL2N, HardnessFactors.GradientNorm, HardnessFactors.LogitMargin).Compute(FactorFit.Rows(rows));
        for (var row = 0; row < rows.Count; row++)
        {
            double[] x = [features[2 * row], features[2 * row + 1]];
            var y = rows.LabelAt(row);
            double[] relative = [.. weights.Select((w, k) => w[0] * x[0] + w[1] * x[1] - (weights[y][0] * x[0] + weights[y][1] * x[1]))];
            var sum = relative.Sum(Math.Exp);
            double[] r = [.. relative.Select((f, k) => k == y ? 0 : Math.Exp(f) / sum)];
            r[y] = -r.Sum();
            var norm = Math.Sqrt(r.Sum(value => value * value));
            Assert.InRange(values[2][row], 30, 34);
            Assert.Equal(norm, values[0][row], 1e-4 * norm);
            Assert.Equal(norm * Math.Sqrt(x[0] * x[0] + x[1] * x[1] + 1), values[1][row], 1e-4 * norm * Math.Sqrt(x[0] * x[0] + x[1] * x[1] + 1));
        }
    }
}
