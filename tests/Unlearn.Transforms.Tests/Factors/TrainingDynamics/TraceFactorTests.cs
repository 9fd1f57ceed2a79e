using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.TrainingDynamics;

public sealed class TraceFactorTests
{
    private static readonly TrainingTrace ByHand = new()
    {
        RowIds = ["steady", "forgotten", "late", "never", "lost"],
        Labels = [0, 1, 2, 0, 1],
        Epochs = [.. Enumerable.Range(1, 4).Select(epoch => new TrainingProgress { Epoch = epoch, Epochs = 4, Loss = 1, Accuracy = 0.5 })],
        Confidences = [[0.5f, 0.6f, 0.1f, 0.1f, 0.9f], [0.7f, 0.2f, 0.3f, 0.2f, 0.8f], [0.9f, 0.6f, 0.2f, 0.1f, 0.9f], [0.9f, 0.9f, 0.8f, 0.2f, 0.1f]],
        Correct = [[true, true, false, false, true], [true, false, false, false, true], [true, true, false, false, true], [true, true, true, false, false]],
        Margins = [[1, 2, -1, -2, 3], [2, -1, -0.5f, -2, 2], [3, 1, -1, -3, 3], [4, 3, 2, -1, -4]],
        GradientCheckpoints = 3,
        SquaredGradientNorms = [1, 2, 3, 4, 5],
        InputGradientVariances = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f],
    };

    public static TheoryData<string, double[]> Expected => new()
    {
        { "MeanConfidence", [0.75, 0.575, 0.35, 0.15, 0.675] },
        { "ConfidenceVariability", [
            Math.Sqrt((0.0625 + 0.0025 + 0.0225 + 0.0225) / 4),
            Math.Sqrt((0.025 * 0.025 * 2 + 0.375 * 0.375 + 0.325 * 0.325) / 4),
            Math.Sqrt((0.0625 + 0.0025 + 0.0225 + 0.2025) / 4),
            0.05,
            Math.Sqrt((0.225 * 0.225 * 2 + 0.125 * 0.125 + 0.575 * 0.575) / 4),
        ] },
        { "ForgettingEvents", [0, 1, 0, 4, 1] },
        { "LearnedEpoch", [1, 3, 4, 5, 5] },
        { "AreaUnderMargin", [2.5, 1.25, -0.125, -2, 1] },
        { "TraceGradientNorm", [1, 2, 3, 4, 5] },
        { "GradientVariance", [0.1, 0.2, 0.3, 0.4, 0.5] },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void Factors_of_a_trace_made_by_hand(string factor, double[] expected)
    {
        using var rows = TinyRows.Training(12, 4);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(4, TinyRows.Classes), rows);
        var model =
            FactorModel.Fit(target.Clone(), [HardnessFactors.Find(factor)], FactorFit.Rows(rows), ByHand, null, UnknownLabelHandling.Missing, 5, 1, () => { });

        // In another order, with rows that were not trained on, and one without an id.
        string[] ids = ["never", "unknown", "lost", "late", "steady", "", "forgotten"];
        var keys = Array.ConvertAll(ids, id => id == "" ? RowKey.Unknown : RowKey.OfId(id));
        var values = model.Compute(new FactorRows(new float[ids.Length * 4], new long[ids.Length], keys))[0];
        for (var i = 0; i < ids.Length; i++)
            if (ByHand.RowIds.ToList().IndexOf(ids[i]) is >= 0 and var row)
                Assert.Equal(expected[row], values[i], 1e-6);
            else
                Assert.True(float.IsNaN(values[i]));
    }

    [Fact]
    public void The_last_checkpoint_of_a_gradient_trace_is_the_trained_target()
    {
        using var rows = TinyRows.Training(30, 6);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(6, TinyRows.Classes, 5))
        {
            Epochs = 3,
            BatchSize = 8,
            LearningRate = 1e-12,
            WeightDecay = 0,
            Device = TorchDevice.Cpu,
        };
        using var target =
            recipe.TrainWithGradientTrace(rows, Enumerable.Range(0, rows.Count).ToArray(), 3, cancellationToken: TestContext.Current.CancellationToken);
        var norms = FactorFit.Compute(target, rows, HardnessFactors.GradientNorm);
        var sums = FactorFit.Compute(target, rows, HardnessFactors.TraceGradientNorm);
        var variances = FactorFit.Compute(target, rows, HardnessFactors.GradientVariance);
        for (var row = 0; row < rows.Count; row++)
        {
            Assert.Equal(3 * norms[row] * norms[row], sums[row], 1e-4f * sums[row]);
            Assert.Equal(0, variances[row], 1e-10f);
        }
    }
}
