using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

public sealed class DeletedResidualTests
{
    private const int Width = 5;
    private static readonly TorchTarget Target = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, TinyRows.Classes), TorchDevice.Cpu, seed: 1);

    private static FactorRows Rows(int count, int seed = 1, int width = Width)
    {
        var random = new Random(seed);
        float[] features = [.. Enumerable.Range(0, count * width).Select(i => random.NextSingle() * (i % width == 2 ? 30 : 1))];
        return new(features, [.. Enumerable.Range(0, count).Select(row => (long)(features[row * width] * 1.6f + features[row * width + 1] * 1.3f))], [.. Enumerable.Range(1, count).Select(id => (long)id * 977)]);
    }

    private static (FactorModel Model, IReadOnlyDictionary<string, torch.Tensor> State) Fit(ITarget target, FactorRows rows)
    {
        var model = FittedFactors.Fit(target, rows, HardnessFactors.DeletedResidual);
        return (model, model.States[LeaveOneOutRegression.Instance.Name]);
    }

    [Fact]
    public void Residuals_are_those_of_regressions_that_are_fitted_without_the_row()
    {
        var rows = Rows(40);
        var (model, state) = Fit(Target, rows);
        var values = model.Compute(rows)[0];
        var points = Scaled(rows, state[LeaveOneOutRegression.Scales]);
        for (var row = 0; row < rows.Count; row++)
            Assert.Equal(Refitted(points, rows.Labels, row, points[row], state), values[row], 1e-4);
    }

    [Fact]
    public void Rows_that_are_no_training_rows_are_predicted_by_all_of_them()
    {
        var rows = Rows(40);
        var (model, state) = Fit(Target, rows);
        var others = Rows(9, seed: 2) with { Keys = new long[9] };
        var values = model.Compute(others)[0];
        var points = Scaled(rows, state[LeaveOneOutRegression.Scales]);
        foreach (var (point, (label, value)) in Scaled(others, state[LeaveOneOutRegression.Scales]).Zip(others.Labels.Zip(values)))
            Assert.Equal(Refitted(points, rows.Labels, without: -1, point, state, label), value, 1e-4);
    }

    [Fact]
    public void Scales_width_and_ridge_have_the_least_squared_deleted_residuals()
    {
        var rows = Rows(30);
        var (_, state) = Fit(Target, rows);
        using var scope = torch.NewDisposeScope();
        var features = torch.tensor(rows.Features, [rows.Count, Width]);
        float[] variances = [.. Enumerable.Range(0, Width).Select(i => features[.., i].var().item<float>())];
        var deviations = torch.tensor(variances.Select(variance => MathF.Sqrt(variance + variances.Order().ElementAt(Width / 2))).ToArray());
        List<double> errors = [];
        foreach (var scales in new[] { torch.ones(Width), deviations })
        {
            var points = Scaled(rows, scales);
            double[] distances = [.. points.SelectMany(a => points.Select(b => Distance(a, b))).Order()];
            foreach (var width in LeaveOneOutRegression.RelativeWidths.Select(relative => relative * (float)distances[(distances.Length - 1) / 2]))
                errors.AddRange(LeaveOneOutRegression.Ridges.Select(ridge => Error(points, rows.Labels, width, ridge)));
        }
        Assert.Equal(errors.Min(), Error(Scaled(rows, state[LeaveOneOutRegression.Scales]), rows.Labels, state[LeaveOneOutRegression.Width].item<float>(), state[LeaveOneOutRegression.Ridge].item<float>()), 1e-7);
    }

    [Fact]
    public void Tokens_are_compared_as_bags_without_padding()
    {
        const int Places = 6;
        using var target = TorchTarget.Untrained(TorchArchitecture.BagOfTokens(Places, vocabularySize: 9, dimensions: 4, TinyRows.Classes), TorchDevice.Cpu, seed: 1);
        var random = new Random(3);
        float[] tokens = [.. Enumerable.Range(0, 25 * Places).Select(_ => (float)random.Next(9))];
        var rows = new FactorRows(tokens, [.. Enumerable.Range(0, 25).Select(row => (long)(row % TinyRows.Classes))], [.. Enumerable.Range(1, 25).Select(id => (long)id)]);
        var (model, state) = Fit(target, rows);
        Assert.False(state.ContainsKey(LeaveOneOutRegression.Scales));
        var points = tokens.Chunk(Places).Select(Bag).ToArray();
        var values = model.Compute(rows)[0];
        for (var row = 0; row < rows.Count; row++)
            Assert.Equal(Refitted(points, rows.Labels, row, points[row], state), values[row], 1e-4);

        float[] Bag(float[] row)
        {
            var counts = Enumerable.Range(1, 8).Select(token => (float)row.Count(value => (int)value == token)).ToArray();
            return [.. counts.Select(count => MathF.Sqrt(count / Math.Max(1, counts.Sum())))];
        }
    }

    [Fact]
    public void Rows_that_are_there_several_times_are_told_by_their_twins()
    {
        var once = Rows(20);
        var rows = new FactorRows([.. once.Features, .. once.Features], [.. once.Labels, .. once.Labels], [.. Enumerable.Range(1, 40).Select(id => (long)id)]);
        var twice = Fit(Target, rows).Model.Compute(rows)[0];
        Assert.All(twice, value => Assert.True(float.IsFinite(value)));
        Assert.True(twice.Average() < Fit(Target, once).Model.Compute(once)[0].Average() / 2);
    }

    [Fact]
    public void With_fewer_landmarks_than_rows_residuals_are_still_those_without_the_row()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(5);
        var points = torch.randn([30, 3], generator: generator);
        var outputs = torch.randn([30, 2], dtype: torch.float64, generator: generator);
        var landmarks = points[..8];
        var deleted = Regression(Enumerable.Range(0, 30)).Deleted(points, outputs);
        for (var row = 0; row < 30; row++)
        {
            var without = Regression(Enumerable.Range(0, 30).Where(other => other != row));
            var expected = without.Kernel(points.narrow(0, row, 1)).matmul(without.Coefficients());
            Assert.True((expected - deleted[row]).abs().max().item<double>() < 1e-6);
        }

        KernelRidge Regression(IEnumerable<int> rows)
        {
            var regression = new KernelRidge(landmarks, width: 2, ridge: 0.1, outputs: 2);
            foreach (var some in rows.Chunk(7))
                regression.Add(points[torch.tensor(some)], outputs[torch.tensor(some)]);
            return regression;
        }
    }

    [Fact]
    public void Sketches_of_wide_rows_keep_distances()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(5);
        var rows = torch.randn([6, 30_000], generator: generator);
        var points = KernelPoints.OfFeatures(rows);
        Assert.Equal(KernelPoints.LargestWidth, points.shape[1]);
        var ratios = (points[..3] - points[3..]).norm(1) / (rows[..3] - rows[3..]).norm(1);
        Assert.All(ratios.data<float>().ToArray(), ratio => Assert.Equal(1, ratio, 0.05));
    }

    [Fact]
    public void A_missing_feature_is_named()
    {
        var rows = Rows(20);
        rows.Features[9 * Width] = float.NaN;
        Assert.Contains("training rows 7 to 13", Assert.Throws<InvalidOperationException>(() => Fit(Target, rows)).Message, StringComparison.Ordinal);
    }

    private static float[][] Scaled(FactorRows rows, torch.Tensor scales)
    {
        var divisors = scales.data<float>().ToArray();
        Assert.Equal(Width, divisors.Length);
        return [.. rows.Features.Chunk(Width).Select(row => row.Zip(divisors, (value, divisor) => value / divisor).ToArray())];
    }

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Sum());

    /// <summary>1 − r_y at a point, of a regression on the other rows: r − shares = k(x)ᵀ(K + λI)⁻¹(Y − shares).</summary>
    private static double Refitted(float[][] points, long[] labels, int without, float[] at, IReadOnlyDictionary<string, torch.Tensor> state, long? label = null)
    {
        using var scope = torch.NewDisposeScope();
        var y = label ?? labels[without];
        return 1 - Predict(points, labels, without, at, state[LeaveOneOutRegression.Width].item<float>(), state[LeaveOneOutRegression.Ridge].item<float>())[y];
    }

    private static double Error(float[][] points, long[] labels, double width, double ridge) => Enumerable.Range(0, points.Length)
        .Average(row => Predict(points, labels, row, points[row], width, ridge).Select((value, k) => Math.Pow(value - (labels[row] == k ? 1 : 0), 2)).Average());

    private static double[] Predict(float[][] points, long[] labels, int without, float[] at, double width, double ridge)
    {
        using var scope = torch.NewDisposeScope();
        int[] others = [.. Enumerable.Range(0, points.Length).Where(row => row != without)];
        var shares = Enumerable.Range(0, TinyRows.Classes).Select(k => labels.Count(label => label == k) / (double)labels.Length).ToArray();
        var kernel = Matrix(others.Length, others.Length, (i, j) => Math.Exp(-Distance(points[others[i]], points[others[j]]) / width) + (i == j ? ridge : 0));
        var outputs = Matrix(others.Length, TinyRows.Classes, (i, k) => (labels[others[i]] == k ? 1 : 0) - shares[k]);
        var of = Matrix(1, others.Length, (_, j) => Math.Exp(-Distance(at, points[others[j]]) / width));
        return [.. of.matmul(torch.linalg.solve(kernel, outputs)).data<double>().ToArray().Zip(shares, (value, share) => value + share)];
    }

    private static torch.Tensor Matrix(int rows, int columns, Func<int, int, double> value) =>
        torch.tensor([.. Enumerable.Range(0, rows * columns).Select(i => value(i / columns, i % columns))], [rows, columns]);
}
