using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels;

/// <summary>Any classifier of ML.NET is a target, if only as a black box.</summary>
public sealed class MLNetTargetTests
{
    private const int Width = 6;
    private readonly MLContext _context = new(1);
    private readonly IDataView _data;

    public MLNetTargetTests() => _data = TinyRows.View(_context, TinyRows.Create(60, Width), Width);

    private static float[][] Logits(ITarget target, IDataView data, string column = "Features")
    {
        using var scope = torch.NewDisposeScope();
        float[][] features = [.. data.GetColumn<float[]>(column)];
        return [.. target.Logits(torch.tensor([.. features.SelectMany(row => row)], [features.Length, target.FeatureCount]))
            .log_softmax(1)
            .data<float>()
            .ToArray()
            .Chunk(target.ClassCount)];
    }

    private static void Throws<T>(Func<object> action, params string[] words) where T : Exception
    {
        var failure = Assert.ThrowsAny<T>(action);
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Probabilities_of_several_classes_are_recognized_and_kept()
    {
        var model = _context.MulticlassClassification.Trainers.OneVersusAll(_context.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(_data);
        using var target = Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(model, _data.Schema));
        Assert.Equal(ScoreKind.Probabilities, target.ScoreKind);
        foreach (var (logits, expected) in Logits(target, _data).Zip(model.Transform(_data).GetColumn<float[]>("Score")))
            for (var k = 0; k < 3; k++)
                Assert.Equal(expected[k], Math.Exp(logits[k]), 1e-6);
    }

    [Fact]
    public void Raw_scores_of_several_classes_are_recognized_and_taken_as_logits()
    {
        var model = _context.MulticlassClassification.Trainers.NaiveBayes().Fit(_data);
        using var target = Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(model, _data.Schema));
        Assert.Equal(ScoreKind.Logits, target.ScoreKind);
        foreach (var (logits, expected) in Logits(target, _data).Zip(model.Transform(_data).GetColumn<float[]>("Score")))
            for (var k = 0; k < 3; k++)
                Assert.Equal(expected[k] - Math.Log(expected.Sum(score => Math.Exp(score))), logits[k], 1e-4);
    }

    [Fact]
    public void A_linear_model_behind_a_normalizer_is_a_black_box_over_the_raw_features_and_says_what_to_do()
    {
        var data = BinaryRows.View(_context);
        var model = _context.Transforms
            .NormalizeMeanVariance("Features", fixZero: false)
            .Append(_context.BinaryClassification.Trainers.LbfgsLogisticRegression())
            .Fit(data);
        using var target = Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(model, data.Schema));
        Assert.False(MLNetTarget.TakesTransformedRows(model, data.Schema));
        Assert.Equal(("Probability", ScoreKind.Probabilities), (target.ScoreColumnName, target.ScoreKind));
        foreach (var (logits, expected) in Logits(target, data).Zip(model.Transform(data).GetColumn<float>("Probability")))
            Assert.Equal(expected, Math.Exp(logits[1]), 1e-6);

        Throws<ArgumentException>(
            () => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.GradientNorm] }),
                "'GradientNorm' needs ParameterGradients",
                "change the features before it",
                "target of the last step alone",
                "Loss, Confidence, Entropy",
                "NearDuplicates");
        var preprocessed = model.First().Transform(data);
        using var exact = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(model.LastTransformer, preprocessed.Schema));
        foreach (var (one, other) in Logits(target, data).Zip(Logits(exact, preprocessed)))
            Assert.Equal(Math.Exp(one[1]), Math.Exp(other[1]), 1e-5);
    }

    [Fact]
    public void A_pipeline_that_begins_with_raw_columns_is_a_target_of_the_rows_that_it_transforms()
    {
        var data = _context.Transforms.DropColumns("Features").Fit(BinaryRows.View(_context)).Transform(BinaryRows.View(_context));
        var model = _context.Transforms.Concatenate("Features", "A", "B").Append(_context.Transforms.NormalizeMeanVariance("Features"))
            .Append(_context.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(data);
        Assert.True(MLNetTarget.TakesTransformedRows(model, data.Schema));
        using var target = MLNetTarget.FromTransformer(model, data.Schema);
        var rows = model.Transform(data);
        Assert.Equal(2, target.FeatureCount);
        foreach (var (logits, expected) in Logits(target, rows).Zip(rows.GetColumn<float>("Probability")))
            Assert.Equal(expected, Math.Exp(logits[1]), 1e-6);
        Assert.Contains("GradientNorm", _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(rows).FactorNames);
        Throws<ArgumentException>(() => MLNetTarget.FromTransformer(model, data.Schema, "A"), "'A' alone", "column 'Features'");
    }

    [Fact]
    public void Steps_before_and_after_the_predictor_that_leave_the_features_alone_do_no_harm()
    {
        var rows = Named();
        var model = _context.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_context.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(_context.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(rows);
        using var target = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(model, rows.Schema));
        foreach (var (logits, expected) in Logits(target, rows).Zip(model.Transform(rows).GetColumn<float[]>("Score")))
            for (var k = 0; k < 3; k++)
                Assert.Equal(expected[k], Math.Exp(logits[k]), 1e-5);
    }

    [Fact]
    public void Probabilities_of_nothing_and_of_all_have_finite_logits()
    {
        var data = BinaryRows.View(_context);
        var model = _context.Transforms
            .CustomMapping<Input, Certain>((input, output) => (output.Score, output.Probability) = (input.Features[0], input.Features[0] > 0 ? 1 : 0), null)
            .Fit(data);
        using var target = MLNetTarget.FromTransformer(model, data.Schema);
        Assert.All(Logits(target, data), row => Assert.All(row, value => Assert.InRange(value, -80, 0)));
        var columns = _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data).Transform(data);
        Assert.All(columns.GetColumn<float>("Loss"), loss => Assert.InRange(loss, 0, 80));
    }

    [Fact]
    public void Default_factors_are_those_that_the_target_can_give()
    {
        using var target = MLNetTarget.FromTransformer(_context.MulticlassClassification.Trainers.NaiveBayes().Fit(_data), _data.Schema);
        string[] possible =
        [
            "Loss", "Confidence", "Entropy", "LogitMargin", "EL2N", "CentroidDistance", "Entanglement", "NeighborDistance", "NeighborDisagreement",
            "NearDuplicates", "DeletedResidual",
        ];
        Assert.Equal(possible, HardnessFactors.DefaultFor(target).Select(factor => factor.Name));
        Assert.Equal(possible, _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(_data).FactorNames);
        foreach (var factor in HardnessFactors.Default.Except(HardnessFactors.DefaultFor(target)))
            Throws<ArgumentException>(() => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [factor] }),
                $"'{factor.Name}' needs", "NaiveBayesMulticlassModelParameters only the scores", "a linear model of ML.NET or a Torch module");
    }

    [Fact]
    public async Task A_fresh_process_loads_a_saved_black_box_and_gives_the_same_values()
    {
        using var target = MLNetTarget.FromTransformer(_context.MulticlassClassification.Trainers.NaiveBayes().Fit(_data), _data.Schema);
        var transformer = _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(_data);
        var path = Path.GetTempFileName();
        try
        {
            _context.Model.Save(transformer, _data.Schema, path);
            var (values, exitCode) = await FreshProcess.ScoreAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(0, exitCode);
            float[] expected = [.. transformer.Transform(_data).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];
            Assert.Equal(expected.Length, values.Length);
            for (var i = 0; i < values.Length; i++)
                Assert.Equal(expected[i], values[i], 1e-5f * Math.Abs(expected[i]) + 1e-6f);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Bad_models_and_rows_are_named()
    {
        var data = BinaryRows.View(_context);
        var model = _context.MulticlassClassification.Trainers.NaiveBayes().Fit(_data);
        Throws<ArgumentOutOfRangeException>(() => MLNetTarget.FromTransformer(_context.Transforms.CopyColumns("Copy", "Features").Fit(data), data.Schema),
            "score column 'Score'", "'Copy'", "trained classifier");
        Throws<ArgumentOutOfRangeException>(
            () => MLNetTarget.FromTransformer(_context.Regression.Trainers.Sdca("A").Fit(data), data.Schema), "'Score' is that of Regression");
        Throws<ArgumentException>(() => MLNetTarget.FromTransformer(model, _data.Schema, "Nope"), "'Nope'", "column 'Features'");
        Throws<ArgumentException>(() => MLNetTarget.FromTransformer(
            _context.Transforms.CustomMapping<Input, Certain>((input, output) => output.Score = 1, null).Fit(data), data.Schema, "A"), "'A' alone");

        var ordered = Relabeled(["0", "1", "2"]);
        var mapped = _context.MulticlassClassification.Trainers.NaiveBayes().Fit(ordered);
        Throws<ArgumentOutOfRangeException>(
            () => MLNetTarget.FromTransformer(mapped, Relabeled(["1", "0", "2"]).Schema), "[0, 1, 2]", "[1, 0, 2]", "from class 1 on");
        Throws<ArgumentOutOfRangeException>(
            () => MLNetTarget.FromTransformer(mapped, Relabeled(["0", "1", "2", "3"]).Schema), "'Label' has 4 classes", "3 slots");
        using var target = MLNetTarget.FromTransformer(mapped, ordered.Schema);
        Throws<ArgumentException>(() => target.Logits(torch.zeros(2, 5)), "6 features", "[2, 5]");
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(TinyRows.View(_context, TinyRows.Create(9, 4), 4)),
            "takes 6 features",
            "has 4");

        using var wrongKind = MLNetTarget.FromTransformer(model, _data.Schema, scoreKind: ScoreKind.Probabilities);
        Throws<InvalidOperationException>(() => Logits(wrongKind, _data), "'Score'", "outside [0, 1]", "scoreKind");
    }

    private IDataView Relabeled(string[] order)
    {
        var rows = Named();
        var keys = _context.Data.LoadFromEnumerable(order.Select(name => new ClassName { Name = name }));
        return _context.Transforms.Conversion.MapValueToKey("Label", "Name", keyData: keys).Fit(rows).Transform(rows);
    }

    private IDataView Named() =>
        _context.Data.LoadFromEnumerable(TinyRows.Create(60, Width).Select(row => new NamedRow { Features = row.Features, Name = $"{row.Label}" }));

    private sealed class NamedRow
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public string Name { get; set; } = "";
    }

    private sealed class ClassName
    {
        public string Name { get; set; } = "";
    }

    private sealed class Input
    {
        [VectorType(BinaryRows.Width)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Certain
    {
        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
