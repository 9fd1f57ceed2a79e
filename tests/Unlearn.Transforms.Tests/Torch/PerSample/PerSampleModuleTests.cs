using TorchSharp.Modules;
using Unlearn.Transforms.Tests.Torch.PerSample.Samplers;
using Unlearn.Transforms.Torch.PerSample;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample;

/// <summary>Modules that do not just call their layers.</summary>
public sealed class PerSampleModuleTests
{
    private const int Rows = 5;
    private const long Vocabulary = 7;

    [Fact]
    public void Layers_whose_output_is_changed_in_place_are_sampled_all_the_same() => NormsAreRight(LayerCase.OfModule("in place", [4, 3], () =>
        Sequential(("flatten", Flatten()), ("first", Linear(12, 8)), ("relu1", ReLU(inplace: true)), ("norm", BatchNorm1d(8)), ("relu2", ReLU(inplace: true)),
            ("output", Linear(8, LayerCase.Classes)))));

    [Fact]
    public void An_embedding_that_is_changed_in_place_is_sampled_all_the_same() => NormsAreRight(LayerCase.OfModule("embedding in place", [6], () =>
        new Composed(Embedding(Vocabulary, 3), Linear(18, LayerCase.Classes), (
            table, output, x) => output.call(table.call(x.to(ScalarType.Int64)).relu_().flatten(1))), Vocabulary));

    [Fact]
    public void A_layer_whose_output_is_not_used_has_no_gradient()
    {
        var layerCase = LayerCase.OfModule("unused", [4], () => new Composed(Linear(4, 2), Linear(4, LayerCase.Classes), (unused, output, x) =>
        {
            unused.call(x);
            return output.call(x);
        }));
        NormsAreRight(layerCase);
        using var target = layerCase.CreateTarget();
        using var scope = NewDisposeScope();
        Assert.Equal(["second"], target.PerSample
            .Forward(layerCase.Features(Rows), withGradients: true)
            .ParameterGradients(LayerCase.LogitGradients(Rows))
            .Select(gradient => gradient.Name));
    }

    [Fact]
    public void A_layer_that_is_never_called_has_no_gradient() => NormsAreRight(LayerCase.OfModule(
        "never called", [4], () => new Composed(Linear(4, 2), Linear(4, LayerCase.Classes), (_, output, x) => output.call(x))));

    [Fact]
    public void A_weight_that_is_used_without_its_layer_is_refused() => Refuses("first", "without calling it", LayerCase.OfModule("used directly", [4], () =>
        new Composed(Linear(4, 4), Linear(4, LayerCase.Classes),
            (inner, output, x) => output.call(nn.functional.linear(inner.call(x).tanh(), ((Linear)inner).weight!)))));

    [Fact]
    public void A_layer_that_is_run_by_forward_is_refused() => Refuses("first", "without calling it", LayerCase.OfModule("by forward", [4], () =>
        new Composed(Linear(4, 4), Linear(4, LayerCase.Classes), (inner, output, x) => output.call(inner.forward(x).tanh()))));

    [Fact]
    public void A_layer_that_gives_one_output_for_all_rows_is_refused() =>
        Refuses("first", "one output for all rows", LayerCase.OfModule("one for all", [3], () =>
            new Composed(Embedding(Vocabulary, 3), Linear(3, LayerCase.Classes),
                (positions, output, x) => output.call((x.unsqueeze(1) + positions.call(arange(5))).tanh().mean([1])))));

    [Fact]
    public void A_layer_over_as_many_positions_as_rows_is_not_taken_for_one_over_rows() =>
        Refuses("first", "mixes rows", LayerCase.OfModule("as many as rows", [3], () =>
            new Composed(Embedding(Vocabulary, 3), Linear(3, LayerCase.Classes),
                (positions, output, x) => output.call((x.unsqueeze(1) + positions.call(arange(2))).tanh().mean([1])))));

    [Fact]
    public void Mixed_rows_are_refused() => Assert.Contains("Layer 'first'", Assert.Throws<ArgumentException>(() => LayerCase.OfModule("mixed", [4], () =>
        new Composed(Linear(4, 4), Linear(4, LayerCase.Classes), (inner, output, x) => output.call(inner.call(x - x.mean([0], keepdim: true)).tanh())))
        .CreateTarget()).Message, StringComparison.Ordinal);

    [Fact]
    public void Normalization_by_the_batch_is_refused_by_the_layer_s_name() => Assert.Contains("Layer '1'", Assert.Throws<ArgumentException>(() =>
        LayerCase.OfModule("batch", [4], () => Sequential(Linear(4, 4), BatchNorm1d(4, track_running_stats: false), Linear(4, LayerCase.Classes)))
        .CreateTarget()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_module_that_mixes_rows_outside_its_layers_is_refused() => Assert.Contains("forward method", Assert.Throws<ArgumentException>(() =>
        LayerCase.OfModule("outside", [4], () => new Composed(Linear(4, 4), Linear(4, LayerCase.Classes), (inner, output, x) =>
            output.call(inner.call(x)).softmax(0))).CreateTarget()).Message, StringComparison.Ordinal);

    [Fact]
    public void Norms_go_row_by_row_where_a_layer_is_not_supported()
    {
        var layerCase = LayerCase.OfLayer("recurrence", [4, 3], () => new LastOutput(LSTM(3, 5, batchFirst: true)));
        using var target = layerCase.CreateTarget();
        using var scope = NewDisposeScope();
        Assert.Contains("LSTM", Assert.Single(target.PerSample.Unsupported).ToString(), StringComparison.Ordinal);
        var norms = RowByRowGradients.Norms(target.Network, layerCase.Features(Rows), LayerCase.LogitGradients(Rows));
        var one = RowByRowGradients.Norms(target.Network, layerCase.Features(Rows).narrow(0, 3, 1), LayerCase.LogitGradients(Rows).narrow(0, 3, 1));
        Assert.Equal(norms[3].item<float>(), one[0].item<float>());
        Assert.True(norms.min().item<float>() > 0);
    }

    [Fact]
    public void Tokens_have_the_output_of_their_embedding_for_input_gradients()
    {
        var layerCase = LayerCase.OfModule("tokens", [6], () => new Composed(Embedding(Vocabulary, 3), Linear(18, LayerCase.Classes), (
            table, output, x) => output.call(table.call(x.to(ScalarType.Int64)).flatten(1))), Vocabulary);
        using var target = layerCase.CreateTarget();
        using var scope = NewDisposeScope();
        var gradients = target.PerSample.Forward(layerCase.Features(Rows), withGradients: true).InputGradients(LayerCase.LogitGradients(Rows));
        var expected = LayerCase.LogitGradients(Rows).matmul(target.Module.state_dict()["second.weight"]);
        Assert.Equal([Rows, 18], gradients.shape);
        Assert.True(gradients.allclose(expected));
    }

    [Fact]
    public void Input_gradients_of_real_features_are_those_of_autograd()
    {
        var layerCase = LayerCase.OfLayer("features", [6], () => Linear(6, 4));
        using var target = layerCase.CreateTarget();
        using var scope = NewDisposeScope();
        var features = layerCase.Features(Rows);
        var gradients = target.PerSample.Forward(features, withGradients: true).InputGradients(LayerCase.LogitGradients(Rows));
        var leaf = features.clone().requires_grad_(true);
        Assert.True(gradients.allclose(autograd.grad([target.Forward(leaf)], [leaf], [LayerCase.LogitGradients(Rows)])[0]));
    }

    [Fact]
    public void A_module_that_is_not_differentiable_in_its_features_is_refused()
    {
        var layerCase = LayerCase.OfModule(
            "rounded", [6], () => new Composed(Linear(6, 4), Linear(4, LayerCase.Classes), (inner, output, x) => output.call(inner.call(x.detach().round()))));
        using var target = layerCase.CreateTarget();
        using var scope = NewDisposeScope();
        var pass = target.PerSample.Forward(layerCase.Features(Rows), withGradients: true);
        Assert.Contains("not differentiable", Assert.Throws<NotSupportedException>(() => pass.InputGradients(LayerCase.LogitGradients(Rows))).Message,
            StringComparison.Ordinal);
        Assert.Equal(2, pass.ParameterGradients(LayerCase.LogitGradients(Rows)).Count);
    }

    [Fact]
    public void A_module_without_layers_gives_no_gradients()
    {
        var layerCase = LayerCase.OfModule("no layers", [LayerCase.Classes], () => new Composed(Identity(), Identity(), (_, _, x) => x.detach() * 2));
        using var target = layerCase.CreateTarget();
        using var scope = NewDisposeScope();
        Assert.Empty(target.PerSample.Unsupported);
        var pass = target.PerSample.Forward(layerCase.Features(Rows), withGradients: true);
        Assert.Empty(pass.ParameterGradients(LayerCase.LogitGradients(Rows)));
        Assert.Throws<NotSupportedException>(() => pass.InputGradients(LayerCase.LogitGradients(Rows)));
    }

    private static void NormsAreRight(LayerCase layerCase)
    {
        using var scope = NewDisposeScope();
        using var target = layerCase.CreateTarget();
        Assert.Empty(target.PerSample.Unsupported);
        var slow = RowByRowGradients.Norms(target.Network, layerCase.Features(Rows), LayerCase.LogitGradients(Rows));
        var fast = target.PerSample.Forward(layerCase.Features(Rows), withGradients: true).ParameterGradients(LayerCase.LogitGradients(Rows))
            .Select(gradient => gradient.SquaredNorms()).Aggregate((sum, next) => sum + next).sqrt().to(ScalarType.Float32);
        Assert.True(fast.allclose(slow, rtol: 1e-6),
            $"{fast.ToString(TorchSharp.TensorStringStyle.Julia)} instead of {slow.ToString(TorchSharp.TensorStringStyle.Julia)}");
    }

    private static void Refuses(string layer, string reason, LayerCase layerCase)
    {
        using var target = layerCase.CreateTarget();
        var unsupported = target.PerSample.Unsupported[0];
        Assert.Single(target.PerSample.Unsupported);
        Assert.Equal(layer, unsupported.Name);
        Assert.Contains(reason, unsupported.Reason, StringComparison.Ordinal);
    }

    private sealed class Composed : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> first;
        private readonly Module<Tensor, Tensor> second;
        private readonly Func<Module<Tensor, Tensor>, Module<Tensor, Tensor>, Tensor, Tensor> _forward;

        public Composed(
            Module<Tensor, Tensor> first,
            Module<Tensor, Tensor> second,
            Func<Module<Tensor, Tensor>, Module<Tensor, Tensor>, Tensor, Tensor> forward) : base(nameof(Composed))
        {
            this.first = first;
            this.second = second;
            _forward = forward;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _forward(first, second, input);
    }

    private sealed class LastOutput : Module<Tensor, Tensor>
    {
        private readonly LSTM recurrence;

        public LastOutput(LSTM recurrence) : base(nameof(LastOutput))
        {
            this.recurrence = recurrence;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => recurrence.call(input).Item1.select(1, -1);
    }
}
