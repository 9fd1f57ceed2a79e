using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Torch.PerSample;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

public sealed class FactorOracleTests
{
    private static float[] Compute(TorchTarget target, TrainingRows rows, IHardnessFactor factor, out FactorModel model)
    {
        model = FactorFit.Fit(target, rows, factor);
        return model.Compute(FactorFit.Rows(rows))[0];
    }

    public static TheoryData<string> Architectures => ["mlp", "cnn", "shared"];

    private static TorchArchitecture Architecture(string name) => name switch
    {
        "mlp" => TorchArchitecture.Mlp(64, TinyRows.Classes, 8, 5),
        "cnn" => TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [3, 4, 6]),
        _ => TorchArchitecture.Custom("test-shared", [64], TinyRows.Classes, () => new SharedWeights()),
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Gradient_norms_equal_the_row_by_row_loop(string name)
    {
        using var rows = TinyRows.Training(40, 64);
        using var target = TinyRows.Trained(Architecture(name), rows);
        var fast = Compute(target, rows, HardnessFactors.GradientNorm, out _);
        using var slow = SlowNorms(target, rows);
        var expected = slow.data<float>().ToArray();
        for (var row = 0; row < fast.Length; row++)
            Assert.Equal(expected[row], fast[row], tolerance: 1e-4f * expected[row] + 1e-7f);
    }

    private static torch.Tensor SlowNorms(TorchTarget target, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        var logitGradients = torch.nn.functional.softmax(target.Logits(rows.Features), 1) - torch.nn.functional.one_hot(rows.Labels, TinyRows.Classes);
        return RowByRowGradients.Norms(target.Network, rows.Features, logitGradients).MoveToOuterDisposeScope();
    }

    [Fact]
    public void An_unsupported_layer_falls_back_to_the_exact_loop()
    {
        using var rows = TinyRows.Training(20, 64);
        var architecture = TorchArchitecture.Custom(
            "test-slope", [64], TinyRows.Classes, () => torch.nn.Sequential(("slope", torch.nn.PReLU(64)), ("output", torch.nn.Linear(64, TinyRows.Classes))));
        using var target = TinyRows.Trained(architecture, rows);
        var fast = Compute(target, rows, HardnessFactors.GradientNorm, out _);
        using var slow = SlowNorms(target, rows);
        Assert.All(slow.data<float>().ToArray().Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 1e-5f * pair.First));
        var refusal = Assert.Throws<NotSupportedException>(() => Compute(target, rows, HardnessFactors.SelfInfluence, out _));
        Assert.Contains("'slope'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boundary_distance_of_a_linear_model_is_the_distance_to_its_planes()
    {
        using var rows = TinyRows.Training(30, 6);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes), rows);
        var fast = Compute(target, rows, HardnessFactors.BoundaryDistance, out _);
        var parameters = target.Module.state_dict();
        var weight = parameters["output.weight"].data<float>().ToArray();
        var bias = parameters["output.bias"].data<float>().ToArray();
        for (var row = 0; row < rows.Count; row++)
        {
            var x = rows.FeaturesAt(row).ToArray();
            var y = rows.LabelAt(row);
            var expected = Enumerable.Range(0, TinyRows.Classes).Where(k => k != y).Min(k =>
            {
                double[] w = [.. Enumerable.Range(0, 6).Select(i => (double)weight[y * 6 + i] - weight[k * 6 + i])];
                return (w.Zip(x, (a, b) => a * b).Sum() + bias[y] - bias[k]) / Math.Sqrt(w.Sum(a => a * a));
            });
            Assert.Equal(expected, fast[row], tolerance: 1e-4);
        }
    }

    [Fact]
    public void Self_influence_equals_a_dense_solve_with_the_fitted_curvature()
    {
        using var rows = TinyRows.Training(30, 5);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(5, TinyRows.Classes, 4), rows);
        var fast = Compute(target, rows, HardnessFactors.SelfInfluence, out var model);
        using var scope = torch.NewDisposeScope();
        var state = model.States["Ekfac"];
        var pass = new PerSampleModule(target.Clone().Network).Forward(rows.Features, withGradients: true);
        var logits = pass.Logits.detach();
        var gradients = pass.ParameterGradients(torch.nn.functional.softmax(logits, 1) - torch.nn.functional.one_hot(rows.Labels, TinyRows.Classes));
        for (var row = 0; row < rows.Count; row++)
        {
            var expected = 0.0;
            foreach (var layer in gradients)
            {
                // H = (Q_g ⊗ Q_a) diag(Λ + λ) (Q_g ⊗ Q_a)ᵀ, written out and solved.
                var basis = torch.kron(state[layer.Name + "/output-basis"].to(torch.float64), state[layer.Name + "/input-basis"].to(torch.float64));
                var eigenvalues = state[layer.Name + "/inverse-eigenvalues"].to(torch.float64).flatten().reciprocal();
                var hessian = basis.matmul(torch.diag(eigenvalues)).matmul(basis.t());
                var (outputs, inputs) = (state[layer.Name + "/output-basis"].shape[0], state[layer.Name + "/input-basis"].shape[0] - 1);
                var flat = layer.Flatten()[row].to(torch.float64);
                var gradient = torch.cat(
                    [flat.narrow(0, 0, outputs * inputs).reshape(outputs, inputs), flat.narrow(0, outputs * inputs, outputs).unsqueeze(1)], 1).flatten();
                expected += gradient.dot(torch.linalg.solve(hessian, gradient)).item<double>();
            }
            Assert.Equal(expected, fast[row], tolerance: 1e-3 * expected + 1e-7);
        }
    }

    [Fact]
    public void The_ekfac_eigenbasis_diagonalises_the_fisher_matrix_of_a_linear_layer_better_than_the_axes_do()
    {
        using var rows = TinyRows.Training(60, 5);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(5, TinyRows.Classes), rows);
        Compute(target, rows, HardnessFactors.SelfInfluence, out var model);
        var state = model.States["Ekfac"];
        using var scope = torch.NewDisposeScope();
        foreach (var name in new[] { "output/input-basis", "output/output-basis" })
        {
            var basis = state[name];
            var identity = basis.t().matmul(basis);
            Assert.True(identity.sub(torch.eye(basis.shape[0])).abs().max().item<float>() < 1e-4f);
        }
        Assert.True(state["output/inverse-eigenvalues"].min().item<float>() > 0);
    }

    [Fact]
    public void Prediction_factors_equal_their_formulas()
    {
        using var rows = TinyRows.Training(25, 6);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes, 4), rows);
        using var logits = target.Logits(rows.Features);
        var f = logits.data<float>().ToArray();
        var loss = Compute(target, rows, HardnessFactors.Loss, out _);
        var confidence = Compute(target, rows, HardnessFactors.Confidence, out _);
        var entropy = Compute(target, rows, HardnessFactors.Entropy, out _);
        var margin = Compute(target, rows, HardnessFactors.LogitMargin, out _);
        var el2n = Compute(target, rows, HardnessFactors.EL2N, out _);
        for (var row = 0; row < rows.Count; row++)
        {
            var y = rows.LabelAt(row);
            double[] own = [.. f.AsSpan(row * TinyRows.Classes, TinyRows.Classes).ToArray()];
            var sum = own.Sum(Math.Exp);
            double[] p = [.. own.Select(value => Math.Exp(value) / sum)];
            Assert.Equal(-Math.Log(p[y]), loss[row], 1e-5);
            Assert.Equal(p[y], confidence[row], 1e-5);
            Assert.Equal(-p.Sum(value => value * Math.Log(value)), entropy[row], 1e-5);
            Assert.Equal(own[y] - own.Where((_, k) => k != y).Max(), margin[row], 1e-4);
            Assert.Equal(Math.Sqrt(p.Select((value, k) => Math.Pow(value - (k == y ? 1 : 0), 2)).Sum()), el2n[row], 1e-5);
        }
    }

    private sealed class SharedWeights : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _shared = torch.nn.Linear(64, 64);
        private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _output = torch.nn.Linear(64, TinyRows.Classes);

        public SharedWeights() : base(nameof(SharedWeights)) => RegisterComponents();

        public override torch.Tensor forward(torch.Tensor input) => _output.call(_shared.call(_shared.call(input).tanh()).tanh());
    }
}
