using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.LeaveOneOut;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.LeaveOneOut;

public sealed class DeletedResidualTests
{
    private const int Width = 5;
    private static readonly TorchTarget Target = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, TinyRows.Classes), TorchDevice.Cpu, seed: 1);

    private static FactorRows Rows(int count, int seed = 1, int width = Width)
    {
        var random = new Random(seed);
        float[] features = [.. Enumerable.Range(0, count * width).Select(i => random.NextSingle() * (i % width == 2 ? 30 : 1))];
        return new(features, [.. Enumerable.Range(0, count).Select(row => (long)(features[row * width] * 1.6f + features[row * width + 1] * 1.3f))],
            [.. Enumerable.Range(1, count).Select(id => (long)id * 977)]);
    }

    private static (FactorModel Model, IReadOnlyDictionary<string, torch.Tensor> State) Fit(ITarget target, FactorRows rows)
    {
        var model = FactorFit.Fit(target, rows, HardnessFactors.DeletedResidual);
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
            var mean = points.Average(a => points.Average(b => Distance(a, b)));
            foreach (var width in LeaveOneOutRegression.RelativeWidths.Select(relative => relative * (float)mean))
                errors.AddRange(LeaveOneOutRegression.Ridges.Select(ridge => Error(points, rows.Labels, width, ridge)));
        }
        Assert.Equal(errors.Min(), Error(Scaled(rows, state[LeaveOneOutRegression.Scales]),
            rows.Labels, state[LeaveOneOutRegression.Width].item<float>(), state[LeaveOneOutRegression.Ridge].item<float>()), 1e-7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokens_are_compared_as_bags_without_padding(bool withPositions)
    {
        const int Places = 6;
        using var target = TorchTarget.Untrained(
            withPositions
                ? TorchArchitecture.Custom("words and places", [Places], TinyRows.Classes, () => new WordsAndPlaces(Places))
                : TorchArchitecture.BagOfTokens(Places, vocabularySize: 9, dimensions: 4, TinyRows.Classes),
            TorchDevice.Cpu, seed: 1);
        var random = new Random(3);
        float[] tokens = [.. Enumerable.Range(0, 25 * Places).Select(_ => (float)random.Next(9))];
        var rows = new FactorRows(
            tokens, [.. Enumerable.Range(0, 25).Select(row => (long)(row % TinyRows.Classes))], [.. Enumerable.Range(1, 25).Select(id => (long)id)]);
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

    /// <summary>Embeds tokens and, beside them, their places, as transformers do.</summary>
    private sealed class WordsAndPlaces : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly TorchSharp.Modules.Embedding words = torch.nn.Embedding(9, 4);
        private readonly TorchSharp.Modules.Embedding places;
        private readonly TorchSharp.Modules.Linear output = torch.nn.Linear(4, TinyRows.Classes);

        public WordsAndPlaces(int count) : base(nameof(WordsAndPlaces))
        {
            places = torch.nn.Embedding(count, 4);
            RegisterComponents();
        }

        public override torch.Tensor forward(torch.Tensor input)
        {
            using var scope = torch.NewDisposeScope();
            var tokens = input.to(torch.ScalarType.Int64);
            return output.call((words.call(tokens) + places.call(torch.arange(tokens.shape[1]).expand(tokens.shape))).mean([1])).MoveToOuterDisposeScope();
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
        var kernel = new LaplaceKernel(points[..8], width: 2);
        var deleted = Solved(Enumerable.Range(0, 30)).Regression.Deleted(kernel.Of(points), outputs, start: 8); // as if no row were a landmark
        for (var row = 0; row < 30; row++)
        {
            var without = Solved(Enumerable.Range(0, 30).Where(other => other != row));
            var expected = kernel.Of(points.narrow(0, row, 1)).matmul(without.Coefficients);
            Assert.True((expected - deleted[row]).abs().max().item<double>() < 1e-5);
        }

        (KernelRidge Regression, torch.Tensor Coefficients) Solved(IEnumerable<int> rows)
        {
            var regression = new KernelRidge(kernel, ridge: 0.1, outputs: 2);
            foreach (var some in rows.Chunk(7))
                regression.Add(kernel.Of(points[torch.tensor(some)]), outputs[torch.tensor(some)]);
            return (regression, regression.Solve());
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
    public void A_training_row_with_another_label_is_predicted_by_all_rows()
    {
        var rows = Rows(30);
        var (model, state) = Fit(Target, rows);
        var other = rows with { Labels = [.. rows.Labels.Select(label => (label + 1) % TinyRows.Classes)] };
        var points = Scaled(rows, state[LeaveOneOutRegression.Scales]);
        foreach (var (point, (label, value)) in points.Zip(other.Labels.Zip(model.Compute(other)[0])))
            Assert.Equal(Refitted(points, rows.Labels, without: -1, point, state, label), value, 1e-4);
    }

    [Fact]
    public void Rows_far_from_the_origin_and_columns_that_never_move_change_nothing()
    {
        var rows = Rows(60);
        var far = rows with { Features = [.. rows.Features.Select((value, i) => i % Width == 4 ? 1e6f : MathF.Round(value * 64) / 64 + 512)] };
        var near = rows with { Features = [.. rows.Features.Select((value, i) => i % Width == 4 ? 0 : MathF.Round(value * 64) / 64)] };
        foreach (var (expected, actual) in Fit(Target, near).Model.Compute(near)[0].Zip(Fit(Target, far).Model.Compute(far)[0]))
            Assert.Equal(expected, actual, 1e-4);
    }

    [Fact]
    public void With_few_landmarks_many_rows_are_still_predicted_without_themselves()
    {
        // Class 2 is one row: without it nothing speaks for it.
        var rows = Rows(80) with { Labels = [.. Enumerable.Range(0, 80).Select(row => row == 50 ? 2L : row % 2)] };
        var statistic = new LeaveOneOutRegression(mostRows: 30, mostLandmarks: 30, mostRowsToChooseBy: 20);
        var factor = new Factor("few", FactorTier.T1, "", statistic.Residuals) { Statistic = statistic, NeedsRowId = true };
        var model = FactorFit.Fit(Target, rows, factor);
        var state = model.States[statistic.Name];
        var values = model.Compute(rows)[0];
        Assert.Equal(1, values[50], 1e-4);
        using var scope = torch.NewDisposeScope();
        var points = torch.tensor([.. Scaled(rows, state[LeaveOneOutRegression.Scales]).SelectMany(point => point)], [80, Width]);
        for (var row = 0; row < 80; row += 7)
        {
            // A landmark goes with its row.
            int[] others = [.. Enumerable.Range(0, 80).Where(other => other != row)];
            var kernel = new LaplaceKernel(
                points[torch.tensor(others.Where(other => other < 30).ToArray())], state[LeaveOneOutRegression.Width].item<float>());
            var shares = Enumerable.Range(0, TinyRows.Classes).Select(k => others.Count(other => rows.Labels[other] == k) / 79.0).ToArray();
            var regression = new KernelRidge(kernel, state[LeaveOneOutRegression.Ridge].item<float>(), TinyRows.Classes);
            regression.Add(kernel.Of(points[torch.tensor(others)]), Matrix(79, TinyRows.Classes, (i, k) => (rows.Labels[others[i]] == k ? 1 : 0) - shares[k]));
            var prediction = kernel.Of(points.narrow(0, row, 1)).matmul(regression.Solve())[0, rows.Labels[row]].item<double>() + shares[rows.Labels[row]];
            Assert.Equal(1 - prediction, values[row], 1e-4);
        }
    }

    [Fact]
    public void Few_landmarks_rank_rows_as_all_rows_do_be_they_landmarks_or_not()
    {
        var rows = Rows(400);
        var all = FactorFit.Fit(Target, rows, Factor(new(mostRows: 400, mostLandmarks: 400, mostRowsToChooseBy: 100))).Compute(rows)[0];
        var few = FactorFit.Fit(Target, rows, Factor(new(mostRows: 100, mostLandmarks: 150, mostRowsToChooseBy: 100))).Compute(rows)[0];
        Assert.InRange(Ranks.Spearman(all[..150], few[..150]), 0.9, 1);
        Assert.InRange(Ranks.Spearman(all[150..], few[150..]), 0.9, 1);
        Assert.InRange(few[..150].Average() - few[150..].Average(), -0.1, 0.1);

        static Factor Factor(LeaveOneOutRegression statistic) =>
            new("few", FactorTier.T1, "", statistic.Residuals) { Statistic = statistic, NeedsRowId = true };
    }

    [Fact]
    public void Rows_that_are_all_the_same_know_the_shares_of_classes()
    {
        var rows = new FactorRows([.. Enumerable.Repeat(0.7f, 30 * Width)], [.. Enumerable.Range(0, 30).Select(row => (long)(row % 3))],
            [.. Enumerable.Range(1, 30).Select(id => (long)id)]);
        Assert.All(Fit(Target, rows).Model.Compute(rows)[0], value => Assert.Equal(1 - 9 / 29.0, value, 0.03));
    }

    [Fact]
    public void Many_tokens_are_no_reason_to_scale_bags()
    {
        const int Places = 40;
        using var target =
            TorchTarget.Untrained(TorchArchitecture.BagOfTokens(Places, vocabularySize: 6000, dimensions: 2, TinyRows.Classes), TorchDevice.Cpu, seed: 1);
        var random = new Random(3);
        var rows = new FactorRows([.. Enumerable.Range(0, 400 * Places).Select(_ => (float)random.Next(6000))],
            [.. Enumerable.Range(0, 400).Select(row => (long)(row % TinyRows.Classes))], [.. Enumerable.Range(1, 400).Select(id => (long)id)]);
        Assert.InRange(Fit(target, rows).State[LeaveOneOutRegression.Width].item<float>(), 0.5f, 3f);
    }

    private static float[][] Scaled(FactorRows rows, torch.Tensor scales)
    {
        var divisors = scales.data<float>().ToArray();
        Assert.Equal(Width, divisors.Length);
        return [.. rows.Features.Chunk(Width).Select(row => row.Zip(divisors, (value, divisor) => value / divisor).ToArray())];
    }

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Sum());

    /// <summary>1 − r_y at a point, of a regression on the other rows: r − shares = k(x)ᵀ(K + λI)⁻¹(Y − shares).</summary>
    private static double Refitted(
        float[][] points, long[] labels, int without, float[] at, IReadOnlyDictionary<string, torch.Tensor> state, long? label = null)
    {
        var y = label ?? labels[without];
        return 1 - Predict(points, labels, without, at, state[LeaveOneOutRegression.Width].item<float>(), state[LeaveOneOutRegression.Ridge].item<float>())[y];
    }

    private static double Error(float[][] points, long[] labels, double width, double ridge) => Enumerable.Range(0, points.Length)
        .Average(
            row => Predict(points, labels, row, points[row], width, ridge).Select((value, k) => Math.Pow(value - (labels[row] == k ? 1 : 0), 2)).Average());

    private static double[] Predict(float[][] points, long[] labels, int without, float[] at, double width, double ridge)
    {
        using var scope = torch.NewDisposeScope();
        int[] others = [.. Enumerable.Range(0, points.Length).Where(row => row != without)];
        var shares = Enumerable.Range(0, TinyRows.Classes).Select(k => others.Count(row => labels[row] == k) / (double)others.Length).ToArray();
        var kernel = Matrix(others.Length, others.Length, (i, j) => Math.Exp(-Distance(points[others[i]], points[others[j]]) / width) + (i == j ? ridge : 0));
        var outputs = Matrix(others.Length, TinyRows.Classes, (i, k) => (labels[others[i]] == k ? 1 : 0) - shares[k]);
        var of = Matrix(1, others.Length, (_, j) => Math.Exp(-Distance(at, points[others[j]]) / width));
        return [.. of.matmul(torch.linalg.solve(kernel, outputs)).data<double>().ToArray().Zip(shares, (value, share) => value + share)];
    }

    private static torch.Tensor Matrix(int rows, int columns, Func<int, int, double> value) =>
        torch.tensor([.. Enumerable.Range(0, rows * columns).Select(i => value(i / columns, i % columns))], [rows, columns]);
}
