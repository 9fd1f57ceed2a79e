using Unlearn.Transforms.Torch.PerSample;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using Xunit;
using static TorchSharp.torch;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

/// <summary>What must hold of every layer kind: everything that is read from one pass over a batch equals autograd, one row at a time.</summary>
public abstract class LayerSamplerTests
{
    private const int Rows = 5;
    private const double Tolerance = 1e-9;
    private const double SinglePrecisionTolerance = 1e-4;

    private protected abstract IEnumerable<LayerCase> Cases { get; }

    [Fact]
    public void Gradients_of_all_parameters_equal_the_row_by_row_loop() => ForEachCase((layerCase, target) =>
    {
        foreach (var (gradient, expected) in Compare(layerCase, target, Rows))
            Close(expected, gradient.Flatten(), $"{layerCase}, {gradient.Name}");
    });

    [Fact]
    public void Squared_norms_equal_the_row_by_row_loop() => ForEachCase((layerCase, target) =>
    {
        foreach (var rows in new[] { 1, Rows })
            foreach (var (gradient, expected) in Compare(layerCase, target, rows))
                Close(expected.square().sum(dim: 1), gradient.SquaredNorms(), $"{layerCase}, {gradient.Name}, {rows} rows");
    });

    [Fact]
    public void Norms_in_single_precision_are_close_to_those_in_double() => ForEachCase((layerCase, target) =>
    {
        using var slow = RowByRowGradients.Norms(target.Network, layerCase.Features(Rows), LayerCase.LogitGradients(Rows));
        using var single = layerCase.CreateTarget(ScalarType.Float32);
        var pass = single.PerSample.Forward(layerCase.Features(Rows, ScalarType.Float32), withGradients: true);
        var fast = pass.ParameterGradients(LayerCase.LogitGradients(Rows, ScalarType.Float32))
            .Select(gradient => gradient.SquaredNorms())
            .Aggregate((sum, next) => sum + next)
            .sqrt();
        Close(slow, fast, layerCase.Name, SinglePrecisionTolerance);
    });

    [Fact]
    public void Sums_and_inner_products_equal_the_row_by_row_loop() => ForEachCase((layerCase, target) =>
    {
        foreach (var (gradient, expected) in Compare(layerCase, target, Rows))
        {
            var direction = expected.mean([0]) + 0.1;
            var weights = expected.square().mean([0]) + 0.1;
            Close(expected.sum(dim: 0), gradient.Sum(), $"sum: {layerCase}, {gradient.Name}");
            Close(expected.square().sum(dim: 0), gradient.SquaredSum(), $"squared sum: {layerCase}, {gradient.Name}");
            Close(expected.matmul(direction), gradient.Dot(direction), $"inner product: {layerCase}, {gradient.Name}");
            if (gradient.CreateCovariances() is null)
            {
                Close(expected.square().sum(dim: 0), gradient.SumOfSquares(null), $"sum of squares: {layerCase}, {gradient.Name}");
                Close(expected.square().matmul(weights), gradient.WeightedSquaredNorms(weights, null), $"weighted norms: {layerCase}, {gradient.Name}");
            }
        }
    });

    [Fact]
    public void Rotated_gradients_equal_rotated_gradients_of_the_row_by_row_loop() => ForEachCase((layerCase, target) =>
    {
        foreach (var (gradient, expected) in Compare(layerCase, target, Rows))
        {
            if (gradient.CreateCovariances() is not { } covariances)
                continue;
            gradient.AddCovariances(covariances);
            var basis = covariances.Decompose();
            var shape = gradient.SumOfSquares(basis).shape;
            var hasBias = target.Module.named_parameters().Any(parameter => parameter.name == gradient.Name + ".bias");
            var rotated = basis.Outputs.t().matmul(Matrices(expected, shape, hasBias)).matmul(basis.Inputs);
            var weights = rotated.square().mean([0]) + 0.1;
            Close(rotated.square().sum(dim: 0), gradient.SumOfSquares(basis), $"sum of squares: {layerCase}, {gradient.Name}");
            Close((rotated.square() * weights).flatten(1).sum(dim: 1), gradient.WeightedSquaredNorms(weights, basis),
                $"weighted norms: {layerCase}, {gradient.Name}");
            Close(gradient.SquaredNorms(), gradient.WeightedSquaredNorms(ones_like(weights), null), $"natural basis: {layerCase}, {gradient.Name}");
        }
    });

    // Σ_t ‖D a_t‖² = tr(D A Dᵀ) is what the layer gives with parameters D, squared; the gradients g come from autograd.
    [Fact]
    public void Kronecker_factors_equal_sums_over_rows_and_positions() => ForEachCase((layerCase, target) =>
    {
        var features = layerCase.Features(Rows).reshape([Rows, .. layerCase.InputShape]);
        var gradient = Compare(layerCase, target, Rows).Select(pair => pair.Gradient).FirstOrDefault(gradient => gradient.Name == LayerCase.LayerName);
        if (gradient?.CreateCovariances() is not { } covariances
            || target.Module.named_children().First(child => child.name == LayerCase.LayerName).module is not nn.Module<Tensor, Tensor> layer)
            return;
        gradient.AddCovariances(covariances);

        var output = layer.call(features).detach().requires_grad_(true);
        var logits = target.Module.children().Skip(1).Cast<nn.Module<Tensor, Tensor>>().Aggregate(output, (value, next) => next.call(value));
        var ofOutput = autograd.grad([logits], [output], [LayerCase.LogitGradients(Rows)])[0];
        var (inputs, outputs) = (covariances.Inputs.shape[0], covariances.Outputs.shape[0]);
        var perPosition = (layer is TorchSharp.Modules.Linear ? ofOutput : ofOutput.flatten(2).transpose(1, 2)).reshape(-1, outputs);
        Close(perPosition.t().mm(perPosition), Symmetric(covariances.Outputs), $"output gradients: {layerCase}");

        using var generator = new Generator(6);
        var direction = randn([outputs, inputs], ScalarType.Float64, generator: generator);
        foreach (var (name, parameter) in layer.named_parameters())
            parameter.copy_((name == "bias" ? direction.select(1, inputs - 1) : direction.narrow(1, 0, parameter.numel() / parameter.shape[0]))
                .repeat([parameter.shape[0] / outputs, .. Enumerable.Repeat(1L, name == "bias" ? 0 : 1)]).reshape(parameter.shape));
        Close(layer.call(features).square().sum(), direction.mm(Symmetric(covariances.Inputs)).mul(direction).sum(), $"inputs: {layerCase}");
    });

    [Fact]
    public void The_reduction_of_the_batch_does_not_matter() => ForEachCase((layerCase, target) =>
    {
        // The gradient of the summed loss is the sum of the rows' gradients; of the mean loss, their mean.
        var labels = arange(Rows) % LayerCase.Classes;
        var pass = target.PerSample.Forward(layerCase.Features(Rows), withGradients: true);
        var gradients = pass.ParameterGradients(nn.functional.softmax(pass.Logits.detach(), 1) - nn.functional.one_hot(labels, LayerCase.Classes));
        foreach (var reduction in new[] { nn.Reduction.Sum, nn.Reduction.Mean })
        {
            target.SetTrainable(true);
            var loss = nn.functional.cross_entropy(target.Forward(layerCase.Features(Rows)), labels, reduction: reduction);
            foreach (var gradient in gradients)
            {
                var parameters =
                    target.Module.named_modules().Single(layer => layer.name == gradient.Name).module.parameters(recurse: false).Cast<Tensor>().ToList();
                var expected = cat([.. autograd.grad([loss], parameters, retain_graph: true).Select(tensor => tensor.is_sparse
                    ? tensor.to_dense().flatten()
                    : tensor.flatten())]);
                Close(expected, gradient.Sum() / (reduction == nn.Reduction.Mean ? Rows : 1), $"{reduction}: {layerCase}, {gradient.Name}");
            }
            target.SetTrainable(false);
        }
    });

    [Fact]
    public void No_rows_give_empty_results() => ForEachCase((layerCase, target) =>
    {
        var pass = target.PerSample.Forward(layerCase.Features(0), withGradients: true);
        Assert.Equal([0, LayerCase.Classes], pass.Logits.shape);
        foreach (var gradient in pass.ParameterGradients(LayerCase.LogitGradients(0)))
        {
            var parameters = gradient.Sum().numel();
            Assert.Equal([0], gradient.SquaredNorms().shape);
            Assert.Equal([0, parameters], gradient.Flatten().shape);
            Assert.Equal([0], gradient.Dot(ones(parameters, ScalarType.Float64)).shape);
            Assert.Equal([0], gradient.WeightedSquaredNorms(ones_like(gradient.SumOfSquares(null)), null).shape);
            Assert.Equal(0, gradient.Sum().abs().sum().item<double>());
        }
    });

    private void ForEachCase(Action<LayerCase, TorchTarget> check)
    {
        set_num_threads(1);
        foreach (var layerCase in Cases)
        {
            using var scope = NewDisposeScope();
            using var target = layerCase.CreateTarget();
            Assert.Empty(target.PerSample.Unsupported);
            check(layerCase, target);
        }
    }

    /// <summary>Each layer's gradients, and the same from the row-by-row loop: rows × parameters.</summary>
    private static List<(LayerGradient Gradient, Tensor Expected)> Compare(LayerCase layerCase, TorchTarget target, int rows)
    {
        var (features, logitGradients) = (layerCase.Features(rows), LayerCase.LogitGradients(rows));
        var gradients = target.PerSample.Forward(features, withGradients: true).ParameterGradients(logitGradients);
        List<Dictionary<string, Tensor>> expected = [];
        RowByRowGradients.ForEach(target.Network, features, logitGradients, (_, ofRow) => expected.Add(ofRow.ToDictionary(
            gradient => gradient.Parameter,
            gradient => (gradient.Gradient.is_sparse ? gradient.Gradient.to_dense() : gradient.Gradient).flatten().MoveToOuterDisposeScope())));
        var ofLayers = gradients.ToDictionary(gradient => gradient.Name);
        foreach (var parameter in expected.SelectMany(row => row.Keys))
            Assert.Contains(parameter[..parameter.LastIndexOf('.')], ofLayers.Keys);
        return [.. gradients.Select(gradient => (gradient, stack(expected.Select(row => cat([.. new[] { "weight", "bias" }
            .Where(parameter => row.ContainsKey($"{gradient.Name}.{parameter}"))
            .Select(parameter => row[$"{gradient.Name}.{parameter}"])])))))];
    }

    private static Tensor Symmetric(Tensor lower) => lower.tril() + lower.tril(-1).t();

    // rows × parameters as rows × groups × out × in, with the bias in the last column.
    private static Tensor Matrices(Tensor flat, long[] shape, bool hasBias)
    {
        var (rows, groups, outputs, inputs) = (flat.shape[0], shape[0], shape[1], shape[2] - (hasBias ? 1 : 0));
        var weights = groups * outputs * inputs;
        var matrices = flat.narrow(1, 0, weights).reshape(rows, groups, outputs, inputs);
        return hasBias ? cat([matrices, flat.narrow(1, weights, groups * outputs).reshape(rows, groups, outputs, 1)], 3) : matrices;
    }

    private static void Close(Tensor expected, Tensor actual, string what, double tolerance = Tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var error = (expected - actual).abs().max().to(ScalarType.Float64).item<double>();
        var scale = expected.abs().max().to(ScalarType.Float64).item<double>();
        Assert.True(error <= tolerance * (scale + 1e-3), $"{what}: an error of {error} at values of up to {scale}");
    }
}
