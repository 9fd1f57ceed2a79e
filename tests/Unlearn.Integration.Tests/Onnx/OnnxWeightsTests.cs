using Microsoft.ML;
using TorchSharp;
using Unlearn.Onnx;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;
using static Unlearn.Integration.Tests.Onnx.OnnxModels;

namespace Unlearn.Integration.Tests.Onnx;

/// <summary>Perceptrons in ONNX files as Torch targets: compared with what ONNX Runtime makes of the same files.</summary>
public sealed class OnnxWeightsTests : IDisposable
{
    private const int Width = 4;
    private const int Hidden = 5;
    private const int Classes = 3;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.onnx");

    public void Dispose() => File.Delete(_path);

    private static (string, long[], float[]) Constant(string name, params long[] shape)
    {
        var random = new SeededRandom(name[0]);
        return (name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (float)random.NextNormal())]);
    }

    private static (string, long[], float[])[] Constants =>
    [
        Constant("m", Width), ("d", [1], [0.5f]), Constant("V", Hidden, Width), Constant("c", Hidden), Constant("W", Hidden, Classes),
        Constant("b", 1, Classes), ("f", [], [2]),
    ];

    private static byte[] Perceptron(int opset, long batch, params byte[][] ending) => Chain(
        [
            Node("Sub", ["x", "m"], "1"), Node("Div", ["1", "d"], "2"), Node("Flatten", ["2"], "3"),
            Node("Gemm", ["3", "V", "c"], "4", ("transB", 1), ("alpha", 0.5f), ("beta", 2f)), Node("Mul", ["f", "4"], "5"), Node("Relu", ["5"], "6"),
            Node("MatMul", ["6", "W"], "7"), Node("Add", ["b", "7"], "8"), Node("Cast", ["8"], "9", ("to", 1)), .. ending,
        ],
        Constants, [batch, Width], Classes, opset);

    [Theory]
    [InlineData(9, 0, "Softmax")]
    [InlineData(11, 1, "Identity")]
    [InlineData(13, 0, "LogSoftmax")]
    [InlineData(17, 7, "Softmax")]
    public void A_perceptron_has_the_probabilities_of_ONNX_Runtime(int opset, int batch, string ending)
    {
        var model = Perceptron(opset, batch, ending == "Identity" ? Node(ending, ["9"], "scores") : Node(ending, ["9"], "scores", ("axis", 1)));
        using var scope = torch.NewDisposeScope();
        using var expected = OnnxTarget.FromModel(model);
        using var target = Load(model);
        var rows = torch.randn(30, Width);
        var difference = torch.nn.functional.log_softmax(target.Logits(rows), 1) - torch.nn.functional.log_softmax(expected.Logits(rows), 1);
        Assert.True(difference.abs().max().item<float>() < 1e-5);
        Assert.Equal([Hidden], target.Architecture.Widths);
        Assert.True(target.Capabilities.HasFlag(TargetCapabilities.ParameterGradients));
    }

    [Fact]
    public void A_single_logit_is_that_of_the_second_class()
    {
        using var scope = torch.NewDisposeScope();
        var model = Chain([Node("Gemm", ["x", "w", "e"], "1"), Node("Sigmoid", ["1"], "scores")], [Constant("w", Width, 1), Constant("e", 1)], [0, Width], 1);
        using var expected = OnnxTarget.FromModel(model, new() { OutputKind = ScoreKind.Probabilities });
        using var target = Load(model);
        var rows = torch.randn(30, Width);
        var difference = target.Logits(rows).softmax(1) - expected.Logits(rows).softmax(1);
        Assert.True(difference.abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Maps_of_probabilities_are_followed_past_the_label()
    {
        float[] weights = [.. Enumerable.Range(0, Width * Classes).Select(i => MathF.Sin(i))];
        var model = OnnxModels.Linear(weights, [0.1f, -0.2f, 0.3f], [0, Width], softmax: true, zipMap: true);
        using var scope = torch.NewDisposeScope();
        using var expected = OnnxTarget.FromModel(model);
        using var target = Load(model);
        var rows = torch.randn(30, Width);
        Assert.True((target.Logits(rows).softmax(1) - expected.Logits(rows).softmax(1)).abs().max().item<float>() < 1e-5);
        Assert.Contains("'label', 'maps'", Assert.Throws<ArgumentException>(() => OnnxWeights.LoadTarget(_path, "none")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mul", true)]
    [InlineData("Neg", true)]
    [InlineData("Relu", false)]
    public void A_score_beside_its_opposite_is_a_binary_model(string type, bool isPair)
    {
        string[] inputs = type == "Mul" ? ["1", "n"] : ["1"];
        var model = Chain(
            [Node("Gemm", ["x", "w", "e"], "1"), Node(type, inputs, "2"), Node("Concat", ["2", "1"], "scores", ("axis", 1))],
            [Constant("w", Width, 1), Constant("e", 1), ("n", [1], [-1])], [0, Width], 2);
        if (!isPair)
        {
            Assert.Contains("'Concat'", Assert.Throws<NotSupportedException>(() => Load(model)).Message, StringComparison.Ordinal);
            return;
        }
        using var scope = torch.NewDisposeScope();
        using var expected = OnnxTarget.FromModel(model, new() { OutputKind = ScoreKind.Logits });
        using var target = Load(model);
        var rows = torch.randn(30, Width);
        Assert.True((target.Logits(rows) - expected.Logits(rows)).abs().max().item<float>() < 1e-5);
    }

    [Theory]
    [InlineData("Elu")]
    [InlineData("LeakyRelu")]
    [InlineData("Exp")]
    public void Another_operator_is_named_and_the_black_box_offered(string type)
    {
        var model = Chain(
            [Node("MatMul", ["x", "A"], "1"), Node(type, ["1"], "2"), Node("MatMul", ["2", "W"], "scores")],
            [Constant("A", Width, Hidden), Constant("W", Hidden, Classes)], [0, Width], Classes);
        var message = Assert.Throws<NotSupportedException>(() => Load(model)).Message;
        Assert.Contains($"'{type}'", message, StringComparison.Ordinal);
        Assert.Contains("OnnxTarget.FromFile", message, StringComparison.Ordinal);
        using var blackBox = OnnxTarget.FromFile(_path);
        Assert.Equal(Classes, blackBox.ClassCount);
    }

    [Fact]
    public void A_model_that_adds_two_paths_is_refused()
    {
        var model = Chain(
            [Node("MatMul", ["x", "A"], "1"), Node("Relu", ["1"], "2"), Node("Add", ["1", "2"], "scores")],
            [Constant("A", Width, Classes)], [0, Width], Classes);
        Assert.Contains("'Add'", Assert.Throws<NotSupportedException>(() => Load(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        var model = Perceptron(13, 0, Node("Identity", ["9"], "scores"));
        for (var length = 0; length < model.Length; length += 7)
            Assert.True(Record.Exception(() => Load(model[..length]).Dispose()) is ArgumentException or NotSupportedException, $"{length} bytes");
        var random = new SeededRandom(1);
        for (var trial = 0; trial < 300; trial++)
        {
            byte[] damaged = [.. model];
            damaged[random.Next(model.Length)] ^= (byte)(1 << random.Next(8));
            Assert.True(Record.Exception(() => Load(damaged).Dispose()) is null or ArgumentException or NotSupportedException, $"trial {trial}");
        }
    }

    [Theory]
    [InlineData(11, 1e-5)]
    [InlineData(10, 2e-2)]
    public void Black_boxes_take_doubles_and_halves(int element, double tolerance)
    {
        var model = Chain(
            [Node("Cast", ["x"], "1", ("to", 1)), Node("MatMul", ["1", "A"], "2"), Node("Cast", ["2"], "scores", ("to", element))],
            [Constant("A", Width, Classes)], [1, Width], Classes, element: element);
        using var scope = torch.NewDisposeScope();
        using var blackBox = OnnxTarget.FromModel(model);
        using var target = Load(model);
        var rows = torch.randn(9, Width);
        Assert.True((target.Logits(rows) - blackBox.Logits(rows)).abs().max().item<float>() < tolerance);
    }

    [Fact]
    public void The_snippet_in_the_docs_is_the_code_below() => Snippets.AssertIsIn("inputs.md", "OnnxWeightsTests.cs", "onnx-weights");

    [Fact]
    public void The_snippet_runs()
    {
        File.WriteAllBytes(_path, Perceptron(13, 0, Node("Softmax", ["9"], "scores")));
        var (mlContext, modelPath, random) = (new MLContext(1), _path, new SeededRandom(1));
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Row
        {
            RowId = i, Features = [.. Enumerable.Range(0, Width).Select(_ => (float)random.NextNormal())], Label = (uint)(i % Classes),
        }).ToList());

        // <onnx-weights>
        using var target = OnnxWeights.LoadTarget(modelPath);
        var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);
        // </onnx-weights>

        Assert.Contains("GradientNorm", factors.GetOutputSchema(data.Schema).Select(column => column.Name.Split('.')[^1]));
    }

    private TorchTarget Load(byte[] model)
    {
        File.WriteAllBytes(_path, model);
        return OnnxWeights.LoadTarget(_path);
    }

    private sealed class Row
    {
        public int RowId { get; set; }

        [Microsoft.ML.Data.VectorType(Width)]
        public float[] Features { get; set; } = [];

        [Microsoft.ML.Data.KeyType(Classes)]
        public uint Label { get; set; }
    }
}
