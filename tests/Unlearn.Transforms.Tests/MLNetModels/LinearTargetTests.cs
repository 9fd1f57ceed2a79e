using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels;

/// <summary>Linear models of ML.NET become Torch modules that give the same probabilities, and factors that equal their closed forms.</summary>
public sealed class LinearTargetTests
{
    private const int Width = 6;
    private readonly MLContext _context = new(1);
    private readonly IDataView _binary;
    private readonly IDataView _multiclass;

    public LinearTargetTests()
    {
        _binary = BinaryRows.View(_context);
        _multiclass = TinyRows.View(_context, TinyRows.Create(90, Width), Width);
    }

    private IEstimator<ITransformer> BinaryTrainer(string name) => name switch
    {
        "SdcaLogisticRegression" => _context.BinaryClassification.Trainers.SdcaLogisticRegression(),
        "LbfgsLogisticRegression" => _context.BinaryClassification.Trainers.LbfgsLogisticRegression(),
        "SgdCalibrated" => _context.BinaryClassification.Trainers.SgdCalibrated(),
        "AveragedPerceptron" => _context.BinaryClassification.Trainers.AveragedPerceptron(),
        "LinearSvm" => _context.BinaryClassification.Trainers.LinearSvm(),
        _ => _context.BinaryClassification.Trainers.AveragedPerceptron().Append(_context.BinaryClassification.Calibrators.Platt()),
    };

    private IEstimator<ITransformer> MulticlassTrainer(string name) => name switch
    {
        "SdcaMaximumEntropy" => _context.MulticlassClassification.Trainers.SdcaMaximumEntropy(),
        "LbfgsMaximumEntropy" => _context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(),
        _ => _context.MulticlassClassification.Trainers.SdcaNonCalibrated(),
    };

    private static float[][] Logits(ITarget target, IDataView data)
    {
        using var scope = torch.NewDisposeScope();
        float[][] features = [.. data.GetColumn<float[]>("Features")];
        return [.. target.Logits(torch.tensor([.. features.SelectMany(row => row)], [features.Length, target.FeatureCount]))
            .data<float>()
            .ToArray()
            .Chunk(target.ClassCount)];
    }

    private static double[] Softmax(float[] logits)
    {
        var largest = logits.Max();
        var sum = logits.Sum(value => Math.Exp(value - (double)largest));
        return [.. logits.Select(value => Math.Exp(value - (double)largest) / sum)];
    }

    [Theory]
    [InlineData("SdcaLogisticRegression")]
    [InlineData("LbfgsLogisticRegression")]
    [InlineData("SgdCalibrated")]
    public void A_binary_model_gives_its_own_probabilities(string trainer)
    {
        var model = BinaryTrainer(trainer).Fit(_binary);
        using var target = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(model, _binary.Schema));
        var probabilities = model.Transform(_binary).GetColumn<float>("Probability").ToArray();
        Assert.True(probabilities.Max() - probabilities.Min() > 0.3);
        foreach (var (logits, expected) in Logits(target, _binary).Zip(probabilities))
            Assert.Equal(expected, Softmax(logits)[1], 1e-6);
    }

    [Theory]
    [InlineData("AveragedPerceptron")]
    [InlineData("LinearSvm")]
    public void A_binary_model_without_a_calibrator_gives_its_score_as_the_logit(string trainer)
    {
        var model = BinaryTrainer(trainer).Fit(_binary);
        using var target = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(model, _binary.Schema));
        foreach (var (logits, expected) in Logits(target, _binary).Zip(model.Transform(_binary).GetColumn<float>("Score")))
            Assert.Equal(expected, logits[1] - logits[0], 1e-5f);
    }

    [Theory]
    [InlineData("SdcaMaximumEntropy", true)]
    [InlineData("LbfgsMaximumEntropy", true)]
    [InlineData("SdcaNonCalibrated", false)]
    public void A_model_of_several_classes_gives_its_own_scores(string trainer, bool givesProbabilities)
    {
        var model = MulticlassTrainer(trainer).Fit(_multiclass);
        using var target = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(model, _multiclass.Schema));
        foreach (var (logits, expected) in Logits(target, _multiclass).Zip(model.Transform(_multiclass).GetColumn<float[]>("Score")))
            for (var k = 0; k < 3; k++)
                Assert.Equal(expected[k], givesProbabilities ? Softmax(logits)[k] : logits[k], 1e-5);
    }

    [Fact]
    public void A_calibrator_after_the_model_is_part_of_the_target()
    {
        var model = BinaryTrainer("Calibrated").Fit(_binary);
        using var target = MLNetTarget.FromTransformer(model, _binary.Schema);
        foreach (var (logits, expected) in Logits(target, _binary).Zip(model.Transform(_binary).GetColumn<float>("Probability")))
            Assert.Equal(expected, Softmax(logits)[1], 1e-5);
    }

    [Fact]
    public void A_model_that_ML_NET_saved_and_loaded_gives_the_same_target()
    {
        foreach (var (model, data) in new[]
        {
            (BinaryTrainer("LbfgsLogisticRegression").Fit(_binary), _binary),
            (MulticlassTrainer("SdcaMaximumEntropy").Fit(_multiclass), _multiclass),
        })
        {
            using var file = new MemoryStream();
            _context.Model.Save(model, data.Schema, file);
            file.Position = 0;
            var loaded = new MLContext(2).Model.Load(file, out var schema);
            using var before = MLNetTarget.FromTransformer(model, data.Schema);
            using var after = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(loaded, schema));
            Assert.Equal(Logits(before, data), Logits(after, data));
        }
    }

    [Fact]
    public void The_factors_of_a_binary_model_equal_their_closed_forms()
    {
        var model = _context.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(_binary);
        var linear = model.Model.SubModel;
        double[] w = [.. linear.Weights.Select(weight => (double)weight)];
        using var target = MLNetTarget.FromTransformer(model, _binary.Schema);
        var factors = _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(_binary).Transform(_binary);

        var rows = BinaryRows.Create(80);
        var gradientNorms = factors.GetColumn<float>("GradientNorm").ToArray();
        var inputGradientNorms = factors.GetColumn<float>("InputGradientNorm").ToArray();
        var distances = factors.GetColumn<float>("BoundaryDistance").ToArray();
        var losses = factors.GetColumn<float>("Loss").ToArray();
        for (var row = 0; row < rows.Count; row++)
        {
            double[] x = [.. rows[row].Features.Select(value => (double)value)];
            var score = w.Zip(x, (weight, value) => weight * value).Sum() + linear.Bias;
            var sign = rows[row].Label ? 1 : -1;
            var error = 1 / (1 + Math.Exp(sign * score));
            Assert.Equal(Math.Log(1 + Math.Exp(-sign * score)), losses[row], 1e-5);
            // The softmax has two rows of weights, each with the gradient of the logistic model's single one.
            Assert.Equal(Math.Sqrt(2) * error * Math.Sqrt(Square(x) + 1), gradientNorms[row], 1e-4);
            Assert.Equal(error * Math.Sqrt(Square(w)), inputGradientNorms[row], 1e-5);
            Assert.Equal(sign * score / Math.Sqrt(Square(w)), distances[row], 1e-4);
        }
    }

    [Fact]
    public void The_factors_of_a_model_of_several_classes_equal_their_closed_forms()
    {
        var model = _context.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(_multiclass);
        var (weights, biases) = Parameters(model.Model);
        using var target = MLNetTarget.FromTransformer(model, _multiclass.Schema);
        var factors = _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(_multiclass).Transform(_multiclass);

        var rows = TinyRows.Create(90, Width);
        var gradientNorms = factors.GetColumn<float>("GradientNorm").ToArray();
        var distances = factors.GetColumn<float>("BoundaryDistance").ToArray();
        for (var row = 0; row < rows.Count; row++)
        {
            double[] x = [.. rows[row].Features.Select(value => (double)value)];
            var y = (int)rows[row].Label;
            var logits = weights.Select((w, k) => w.Zip(x, (weight, value) => weight * value).Sum() + biases[k]).ToArray();
            var sum = logits.Sum(Math.Exp);
            var error = Square([.. logits.Select((logit, k) => Math.Exp(logit) / sum - (k == y ? 1 : 0))]);
            Assert.Equal(Math.Sqrt(error) * Math.Sqrt(Square(x) + 1), gradientNorms[row], 1e-4);
            var nearest = Enumerable.Range(0, 3)
                .Where(k => k != y)
                .Min(k => (logits[y] - logits[k]) / Math.Sqrt(Square([.. weights[y].Zip(weights[k], (a, b) => a - b)])));
            Assert.Equal(nearest, distances[row], 1e-4);
        }
    }

    private static (double[][] Weights, float[] Biases) Parameters(LinearMulticlassModelParametersBase model)
    {
        VBuffer<float>[] weights = [];
        model.GetWeights(ref weights, out _);
        return ([.. weights.Select(row => row.DenseValues().Select(value => (double)value).ToArray())], [.. model.GetBiases()]);
    }

    private static double Square(double[] vector) => vector.Sum(value => value * value);
}
