using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Conformance;
using Unlearn.Onnx;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Onnx;

public sealed class OnnxTargetTests
{
    private const int Width = 6;
    private const int Classes = 3;
    private static readonly float[] Weights = [.. Enumerable.Range(0, Width * Classes).Select(i => MathF.Sin(i))];
    private static readonly float[] Bias = [0.1f, -0.2f, 0.3f];
    private static readonly IHardnessFactor[] Possible = [.. HardnessFactors.Default.Where(factor => factor.Requires == TargetCapabilities.Logits)];
    private readonly MLContext _context = new(1);

    public static TheoryData<string> Factors => [.. Possible.Select(factor => factor.Name)];

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(1)]
    public void Logits_are_those_of_the_model_whatever_its_batches(int batch)
    {
        using var scope = torch.NewDisposeScope();
        var model = OnnxModels.Linear(Weights, Bias, [batch, Width]);
        var features = torch.tensor(Features(10), [10, Width]);
        var expected = features.matmul(torch.tensor(Weights, [Width, Classes])) + torch.tensor(Bias);
        foreach (var batchSize in new[] { 1, 3, 256 })
        {
            using var target = OnnxTarget.FromModel(model, new() { BatchSize = batchSize });
            Assert.Equal((Width, Classes), (target.FeatureCount, target.ClassCount));
            Assert.True(target.Logits(features).allclose(expected, 1e-5, 1e-5));
            Assert.Equal([0L, Classes], target.Logits(torch.zeros(0, Width)).shape);
        }
    }

    [Fact]
    public void Maps_of_probabilities_beside_a_label_are_read()
    {
        using var scope = torch.NewDisposeScope();
        using var tensor = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width], softmax: true));
        using var maps = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width], softmax: true, zipMap: true), new() { BatchSize = 3 });
        var features = torch.tensor(Features(10), [10, Width]);
        Assert.Equal(Classes, maps.ClassCount);
        Assert.Equal(tensor.Logits(features).data<float>().ToArray(), maps.Logits(features).data<float>().ToArray());
        Assert.Contains("zipmap", Assert.Throws<ArgumentException>(() =>
            OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width], softmax: true, zipMap: true), new() { OutputName = "label" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_obeys_every_rule_of_targets()
    {
        using var rows = TrainingRows.FromDataView(_context.Data.LoadFromEnumerable(Enumerable.Range(0, 12)
            .Select(row => new RuleRow { RowId = row, Label = (uint)(row % Classes), Features = Features(12)[(row * Width)..((row + 1) * Width)] })));
        foreach (var check in TargetConformance.Checks(
            new() { CreateTarget = () => OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width])), Rows = rows }))
            check.Run();
    }

    private sealed class RuleRow
    {
        public int RowId { get; set; }

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        [KeyType(Classes)]
        public uint Label { get; set; }
    }

    [Fact]
    public void Probabilities_become_log_probabilities()
    {
        using var scope = torch.NewDisposeScope();
        using var logits = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]));
        using var probabilities =
            OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width], softmax: true), new() { OutputKind = ScoreKind.Probabilities });
        var features = torch.tensor(Features(10), [10, Width]);
        Assert.True(probabilities.Logits(features).allclose(logits.Logits(features).log_softmax(1), 1e-5, 1e-5));
        using var foundOut = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width], softmax: true));
        Assert.True(foundOut.Logits(features).equal(probabilities.Logits(features)).all().item<bool>());
    }

    [Fact]
    public void Images_keep_their_shape()
    {
        using var scope = torch.NewDisposeScope();
        using var known = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, 1, 2, 3]));
        using var open = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, 1, 0, 0]), new() { InputShape = [1, 2, 3] });
        var features = torch.tensor(Features(4), [4, Width]);
        Assert.Equal(Width, known.FeatureCount);
        Assert.True(known.Logits(features).allclose(open.Logits(features)));
    }

    [Fact]
    public void A_model_that_MLNet_has_exported_gives_its_probabilities()
    {
        using var scope = torch.NewDisposeScope();
        var data = View(_context);
        var binary = _context.Transforms.CustomMapping<MulticlassRow, BinaryRow>((row, made) => made.IsFirst = row.Label == 1, null).Fit(data).Transform(data);
        var model =
            _context.Transforms.NormalizeMeanVariance("Features").Append(_context.BinaryClassification.Trainers.LbfgsLogisticRegression("IsFirst")).Fit(binary);
        var features = _context.Data.LoadFromEnumerable([new FeatureRow { Features = new float[Width] }]);
        using var file = new MemoryStream();
        _context.Model.ConvertToOnnx(model, features, file);
        using var target = OnnxTarget.FromModel(file.ToArray(), new() { OutputName = "Probability.output", OutputKind = ScoreKind.Probabilities });

        var expected = model.Transform(binary).GetColumn<float>("Probability").ToArray();
        var actual = target.Logits(torch.tensor(Features(40), [40, Width])).softmax(1).select(1, 1).data<float>().ToArray();
        Assert.Equal(2, target.ClassCount);
        for (var row = 0; row < expected.Length; row++)
            Assert.Equal(expected[row], actual[row], 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Factors))]
    public void Its_factors_obey_every_rule(string name)
    {
        using var target = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]));
        foreach (var check in FactorConformance.Checks(new() { Factor = HardnessFactors.Find(name), Target = target, CreateData = View }))
            check.Run();
    }

    [Fact]
    public void Label_keys_of_any_order_find_the_classes_that_the_options_name()
    {
        string[] names = ["ham", "spam", "news"];
        using var named = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]), new() { ClassNames = names });
        using var unnamed = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]));
        using var clone = named.Clone();
        var (data, other) = (Keyed(names), Keyed(["news", "ham", "spam"]));
        var expected = Values(Estimator(unnamed).Fit(data).Transform(data));
        foreach (var target in new[] { named, clone })
        {
            Assert.Equal(names, target.ClassNames);
            Assert.Equal(expected, Values(Estimator(target).Fit(other).Transform(other)));
            Assert.Equal(expected, Values(Loaded(Estimator(target).Fit(other)).Transform(data)));
            Assert.Equal(expected, Values(Loaded(Estimator(target).Fit(data)).Transform(other)));
        }
        Assert.Equal(expected, Values(Loaded(Estimator(unnamed).Fit(data)).Transform(other)));
        Assert.Contains(
            "'rose'", Assert.Throws<InvalidOperationException>(() => Estimator(named).Fit(Keyed(["news", "ham", "rose"]))).Message, StringComparison.Ordinal);
        Assert.Contains("3 classes", Assert.Throws<ArgumentException>(() =>
            OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]), new() { ClassNames = ["ham", "spam"] })).Message, StringComparison.Ordinal);

        UnlearnFactorsEstimator Estimator(ITarget target) => _context.Transforms.UnlearnFactors("UnlearnFactors", target);

        // The same classes whatever the order; one that is not there stands for the one in its place.
        IDataView Keyed(string[] order)
        {
            var rows = View(_context);
            var values = _context.Data.LoadFromEnumerable(order.Select(name => new ClassName { Name = name }));
            var text = _context.Transforms.CustomMapping<MulticlassRow, ClassName>(
                (row, made) => made.Name = names[row.Label - 1] is var name && order.Contains(name) ? name : order[2], null).Fit(rows).Transform(rows);
            return _context.Transforms.Conversion.MapValueToKey("Label", "Name", keyData: values).Fit(text).Transform(text);
        }

        ITransformer Loaded(ITransformer model)
        {
            using var file = new MemoryStream();
            _context.Model.Save(model, data.Schema, file);
            file.Position = 0;
            return new MLContext(2).Model.Load(file, out _);
        }

        static float[] Values(IDataView output) => [.. output.GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];
    }

    [Fact]
    public void A_row_of_another_length_is_refused()
    {
        using var target = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]));
        var factors = _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(View(_context));
        foreach (var length in new[] { 0, 2, Width + 1 })
        {
            var rows = _context.Data.LoadFromEnumerable(
                Enumerable.Range(0, 9).Select(row => new MulticlassRow { RowId = $"{row}", Features = new float[row == 6 ? length : Width], Label = 1 }));
            foreach (Action action in new Action[]
            {
                () => _ = factors.Transform(rows).GetColumn<float>("Loss").ToList(),
                () => _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(rows),
            })
                Assert.Contains(
                    $"'Features' has {length} values in row 6 (RowId '6')", Assert.Throws<InvalidOperationException>(action).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_not_possible_is_said()
    {
        using var target = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]));
        var gradients = Assert.Throws<ArgumentException>(
            () => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.GradientNorm] }));
        Assert.Contains("'GradientNorm' needs ParameterGradients, which a OnnxTarget cannot give", gradients.Message, StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime cannot read the model", Message([1, 2, 3], new()), StringComparison.Ordinal);
        Assert.Contains(
            "no output 'other', but 'scores'", Message(OnnxModels.Linear(Weights, Bias, [0, Width]), new() { OutputName = "other" }), StringComparison.Ordinal);
        Assert.Contains("InputShape", Message(OnnxModels.Linear(Weights, Bias, [0, 0]), new()), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]), new() { BatchSize = 0 }));
        using var wrongKind = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]), new() { OutputKind = ScoreKind.Probabilities });
        Assert.Contains(
            "outside [0, 1]", Assert.Throws<InvalidOperationException>(() => wrongKind.Logits(torch.ones(1, Width) * 50)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => target.Logits(torch.ones(1, Width + 1)));

        static string Message(byte[] model, OnnxTarget.Options options) => Assert.Throws<ArgumentException>(() => OnnxTarget.FromModel(model, options)).Message;
    }

    [Fact]
    public void A_CUDA_device_that_this_ONNX_Runtime_lacks_is_refused_with_the_package()
    {
        Assert.SkipWhen(
            Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "This ONNX Runtime was built for CUDA.");
        var model = OnnxModels.Linear(Weights, Bias, [0, Width]);
        var missing = Assert.Throws<InvalidOperationException>(() => OnnxTarget.FromModel(model, new() { CudaDevice = 1 })).Message;
        Assert.Contains("CUDA device 1 was asked for", missing, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", missing, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", missing, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxTarget.FromModel(model, new() { CudaDevice = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxTarget.RegisterFormat(-1));
    }

    [Fact]
    public void A_loaded_model_computes_where_this_process_says()
    {
        using var target = OnnxTarget.FromModel(OnnxModels.Linear(Weights, Bias, [0, Width]));
        var data = View(_context);
        using var file = new MemoryStream();
        _context.Model.Save(_context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data), data.Schema, file);
        try
        {
            OnnxTarget.RegisterFormat(cudaDevice: 1000);
            Assert.Contains("CUDA device 1000", Assert.ThrowsAny<Exception>(Load).ToString(), StringComparison.Ordinal);
        }
        finally
        {
            OnnxTarget.RegisterFormat(cudaDevice: null);
        }
        Assert.Equal(40, Load().Transform(data).GetColumn<float>("Loss").Count());

        ITransformer Load()
        {
            file.Position = 0;
            return _context.Model.Load(file, out _);
        }
    }

    [Fact]
    public void The_snippet_in_the_document_runs()
    {
        Snippets.AssertIsIn("inputs.md", "OnnxTargetTests.cs", "onnx");
        var folder = Directory.CreateTempSubdirectory("unlearn-onnx-");
        var workingFolder = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            File.WriteAllBytes("model.onnx", OnnxModels.Linear(Weights, Bias, [0, Width], softmax: true));
            var (mlContext, data) = (_context, View(_context));
            // <onnx>
            using var target = OnnxTarget.FromFile("model.onnx", new() { OutputKind = ScoreKind.Probabilities });
            var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);
            // </onnx>
            Assert.Equal(Possible.Length, factors.FactorNames.Count);
        }
        finally
        {
            Environment.CurrentDirectory = workingFolder;
            folder.Delete(recursive: true);
        }
    }

    private static float[] Features(int rows)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, rows * Width).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    private static IDataView View(MLContext context)
    {
        var features = Features(40);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, 40)
            .Select(row => new MulticlassRow { RowId = $"{row}", Features = features[(row * Width)..((row + 1) * Width)], Label = (uint)(row % Classes) }));
    }

    private sealed class MulticlassRow
    {
        public string RowId { get; set; } = "";

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        [KeyType(Classes)]
        public uint Label { get; set; }
    }

    private sealed class ClassName
    {
        public string Name { get; set; } = "";
    }

    private sealed class FeatureRow
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = [];
    }

    private sealed class BinaryRow
    {
        public bool IsFirst { get; set; }
    }
}
