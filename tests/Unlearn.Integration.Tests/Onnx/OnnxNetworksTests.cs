using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Conformance;
using Unlearn.Onnx;
using Unlearn.Transforms;
using Xunit;
using static Unlearn.Integration.Tests.Onnx.OnnxModels;

namespace Unlearn.Integration.Tests.Onnx;

/// <summary>Networks with other activations than ReLU, and of images, in ONNX files: compared with ONNX Runtime, and by the conformance kit.</summary>
public sealed class OnnxNetworksTests : IDisposable
{
    private const int Width = 4;
    private const int Hidden = 5;
    private const int Classes = 3;
    private const int Channels = 2;
    private const int Side = 8;
    private const int Pixels = Channels * Side * Side;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.onnx");

    public void Dispose() => File.Delete(_path);

    private static (string, long[], float[]) Constant(string name, params long[] shape)
    {
        var random = new SeededRandom(name[0]);
        return (name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (float)random.NextNormal() / 2)]);
    }

    private static (string Name, long[] Shape, float[] Values) Positive(string name, int count) =>
        (name, [count], [.. Enumerable.Range(1, count).Select(i => 0.3f + i * 0.4f)]);

    private static byte[] Perceptron(string activation, byte[] ending, int classes = Classes) => Chain(
        [
            Node("Gemm", ["x", "V", "c"], "1", ("transB", 1)), Node("BatchNormalization", ["1", "s", "t", "m", "v"], "2", ("epsilon", 1e-3f)),
            Node(activation, ["2"], "3"), Node("Dropout", ["3"], "4"), Node("MatMul", ["4", "W"], "5"), ending,
        ],
        [
            Constant("V", Hidden, Width), Constant("c", Hidden), Constant("s", Hidden), Constant("t", Hidden), Constant("m", Hidden), Positive("v", Hidden),
            Constant("W", Hidden, classes), Constant("f", classes),
        ],
        [0, Width], classes);

    // Each operator of images once: windows that are no squares, groups, a bias and none, statistics, and both kinds of averages.
    private static byte[] Images(bool isGlobal) => Chain(
        [
            Integers("rows", 0, -1),
            Node("Mul", ["x", "half"], "0"),
            Node("Conv", ["0", "K", "b"], "1", ("kernel_shape", (int[])[3, 2]), ("pads", (int[])[1, 0, 1, 0]), ("dilations", (int[])[1, 2])),
            Node("BatchNormalization", ["1", "s", "t", "m", "v"], "2"),
            Node("Relu", ["2"], "3"),
            Node("MaxPool", ["3"], "4", ("kernel_shape", (int[])[2, 3]), ("strides", (int[])[2, 1]), ("pads", (int[])[0, 1, 0, 1])),
            Node("Conv", ["4", "L"], "5", ("group", 2), ("strides", (int[])[1, 2])),
            Node("Add", ["5", "a"], "6"),
            Node("Tanh", ["6"], "7"),
            isGlobal ? Node("GlobalAveragePool", ["7"], "8")
                : Node("AveragePool", ["7"], "8",
                    ("kernel_shape", (int[])[2, 2]), ("strides", (int[])[2, 2]), ("pads", (int[])[1, 1, 1, 1]), ("count_include_pad", 1)),
            isGlobal ? Node("Reshape", ["8", "rows"], "9") : Node("Flatten", ["8"], "9"),
            Node("Gemm", ["9", isGlobal ? "G" : "F", "c"], "10"),
            Node("Sigmoid", ["10"], "11"),
            Node("MatMul", ["11", "W"], "12"),
            isGlobal ? Node("LogSoftmax", ["12"], "scores") : Node("Identity", ["12"], "scores"),
        ],
        [
            ("half", [], [0.5f]), Constant("K", 4, Channels, 3, 2), Constant("b", 4), Constant("s", 4), Constant("t", 4), Constant("m", 4), Positive("v", 4),
            Constant("L", 6, 2, 2, 2), Constant("a", 1, 6, 1, 1), Constant("F", 6 * 2 * 2, Hidden), Constant("G", 6, Hidden), Constant("c", Hidden),
            Constant("W", Hidden, Classes),
        ],
        [0, Channels, Side, Side], Classes);

    private static byte[] RowsToImages() => Chain(
        [
            Integers("images", -1, 1, Side, Side), Integers("rows", -1, 6 * 6 * 3), Node("Sub", ["x", "half"], "0"), Node("Reshape", ["0", "images"], "1"),
            Node("Conv", ["1", "K"], "2"), Node("Conv", ["2", "L"], "3"), Node("Sigmoid", ["3"], "4"), Node("Reshape", ["4", "rows"], "5"),
            Node("MatMul", ["5", "W"], "6"), Node("Softmax", ["6"], "scores"),
        ],
        [("half", [1], [0.5f]), Constant("K", 3, 1, 3, 3), Constant("L", 3, 3, 1, 1), Constant("W", 6 * 6 * 3, Classes)], [0, Side * Side], Classes);

    private static byte[] Model(string name) => name switch
    {
        "tanh" => Perceptron("Tanh", Node("LogSoftmax", ["5"], "scores")),
        "sigmoid" => Perceptron("Sigmoid", Node("Add", ["5", "f"], "scores")),
        "relu" => Perceptron("Relu", Node("Softmax", ["5"], "scores")),
        "one score" => Perceptron("Sigmoid", Node("Sigmoid", ["5"], "scores"), classes: 1),
        "global average" => Images(isGlobal: true),
        "average" => Images(isGlobal: false),
        _ => RowsToImages(),
    };

    [Theory]
    [InlineData("relu", Width)]
    [InlineData("tanh", Width)]
    [InlineData("sigmoid", Width)]
    [InlineData("one score", Width)]
    [InlineData("global average", Pixels)]
    [InlineData("average", Pixels)]
    [InlineData("rows to images", Side * Side)]
    public void A_network_has_the_probabilities_of_ONNX_Runtime_and_conforms(string name, int width)
    {
        using var scope = torch.NewDisposeScope();
        using var expected = OnnxTarget.FromModel(Model(name), name == "one score" ? new() { OutputKind = ScoreKind.Probabilities } : null);
        using var target = Load(Model(name));
        var features = torch.randn(30, width);
        var difference = target.Logits(features).log_softmax(1) - expected.Logits(features).log_softmax(1);
        Assert.True(difference.abs().max().item<float>() < 1e-5, $"{difference.abs().max().item<float>()}");
        Assert.Equal(name == "relu", target.Architecture.Name == "mlp");

        using var rows = TrainingRows.FromDataView(View(new MLContext(1), width, target.ClassCount));
        foreach (var check in TargetConformance.Checks(new() { CreateTarget = target.Clone, Rows = rows }))
            check.Run();
    }

    [Fact]
    public void Factors_are_saved_and_loaded_and_the_network_trains_anew()
    {
        var context = new MLContext(1);
        using var target = Load(Model("average"));
        var data = View(context, Pixels, Classes);
        var factors = context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);
        float[] expected = [.. factors.Transform(data).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];
        using var file = new MemoryStream();
        context.Model.Save(factors, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(2).Model.Load(file, out _);
        float[] found = [.. loaded.Transform(data).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));

        using var rows = TrainingRows.FromDataView(data);
        using var trained = new TorchRecipe(target.Architecture) { Epochs = 1, Device = TorchDevice.Cpu }.Train(rows, new[] { 0, 1, 2, 3 }, seed: 1);
        Assert.Equal(target.ParameterCount, trained.ParameterCount);
    }

    [Theory]
    [InlineData("Conv", "kernel_shape", "unevenly")]
    [InlineData("Conv", "auto_pad", "size of the image")]
    [InlineData("MaxPool", "ceil_mode", "rounds sizes up")]
    [InlineData("AveragePool", "dilations", "window with holes")]
    [InlineData("BatchNormalization", "", "no convolution")]
    [InlineData("LRN", "size", "layers of images")]
    [InlineData("Softmax", "axis", "layers of images")]
    public void What_no_layer_does_is_refused_by_name(string type, string attribute, string reason)
    {
        (string, object)[] attributes = attribute switch
        {
            "kernel_shape" => [("pads", (int[])[0, 0, 1, 1])],
            "auto_pad" => [("auto_pad", "SAME_UPPER")],
            "" => [],
            "dilations" => [("kernel_shape", (int[])[2, 2]), ("dilations", (int[])[2, 2])],
            "ceil_mode" => [("kernel_shape", (int[])[2, 2]), ("ceil_mode", 1)],
            _ => [(attribute, 1)],
        };
        string[] inputs = type switch { "Conv" => ["1", "L"], "BatchNormalization" => ["1", "s", "t", "m", "v"], _ => ["1"] };
        var model = Chain(
            [Node("GlobalAveragePool", ["x"], "1"), Node(type, inputs, "2", attributes), Node("Flatten", ["2"], "3"), Node("MatMul", ["3", "W"], "scores")],
            [
                Constant("L", Channels, Channels, 1, 1), Constant("s", Channels), Constant("t", Channels), Constant("m", Channels), Positive("v", Channels),
                Constant("W", Channels, Classes),
            ],
            [0, Channels, Side, Side], Classes);
        var message = Assert.Throws<NotSupportedException>(() => Load(model)).Message;
        Assert.Contains($"'{type}'", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains("OnnxTarget.FromFile", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_unknown_size_and_activations_at_the_end_are_refused()
    {
        var open = Chain([Node("GlobalAveragePool", ["x"], "scores")], [], [0, Channels, 0, 0], Channels);
        Assert.Contains("[0 × 2 × 0 × 0]", Assert.Throws<NotSupportedException>(() => Load(open)).Message, StringComparison.Ordinal);
        var tanh = Chain([Node("MatMul", ["x", "W"], "1"), Node("Tanh", ["1"], "scores")], [Constant("W", Width, Classes)], [0, Width], Classes);
        Assert.Contains("'Tanh' of the ONNX model ends it", Assert.Throws<NotSupportedException>(() => Load(tanh)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_images_are_refused()
    {
        var model = Images(isGlobal: false);
        var random = new SeededRandom(1);
        for (var trial = 0; trial < 300; trial++)
        {
            byte[] damaged = [.. model];
            damaged[random.Next(model.Length)] ^= (byte)(1 << random.Next(8));
            var failure = Record.Exception(() => Load(damaged).Dispose());
            Assert.True(failure is null or ArgumentException or NotSupportedException, $"trial {trial}: {failure}");
        }
    }

    private TorchTarget Load(byte[] model)
    {
        File.WriteAllBytes(_path, model);
        return OnnxWeights.LoadTarget(_path);
    }

    private static IDataView View(MLContext context, int width, int classes)
    {
        var random = new SeededRandom(2);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        schema[nameof(Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), classes);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(i => new Row
        {
            RowId = $"{i}", Features = [.. Enumerable.Range(0, width).Select(_ => (float)random.NextNormal())], Label = (uint)(i % classes),
        }).ToList(), schema);
    }

    private sealed class Row
    {
        public string RowId { get; set; } = "";

        public float[] Features { get; set; } = [];

        public uint Label { get; set; }
    }
}
