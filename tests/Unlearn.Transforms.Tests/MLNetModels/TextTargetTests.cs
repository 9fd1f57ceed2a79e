using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels;

/// <summary>A classifier of texts is a black box over its text column.</summary>
public sealed class TextTargetTests
{
    private static readonly string[][] Words = [["good", "fine", "great"], ["bad", "poor", "awful"], ["film", "story", "the", "actor"]];
    private readonly MLContext _context = new(1);
    private readonly IDataView _data;

    public TextTargetTests() => _data = _context.Data.LoadFromEnumerable(Create(40));

    private static EstimatorRecipe Recipe { get; } = new("n-grams, sdca/1", context => context.Transforms.Text.FeaturizeText("Words", "Features")
        .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Words")));

    private sealed class Row
    {
        public string RowId { get; set; } = "";

        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }

    [Fact]
    public void A_trained_pipeline_gives_its_own_probabilities_for_texts()
    {
        var model = Pipeline().Fit(_data);
        using var target = Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(model, _data.Schema, "Text", maximumTextLength: 200));
        Assert.True(target.TakesText);
        Assert.Equal((200, 2, ScoreKind.Probabilities), (target.FeatureCount, target.ClassCount, target.ScoreKind));
        using var rows = TrainingRows.FromDataView(_data, "Text", maximumTextLength: 200);
        Assert.True(rows.AreTexts);
        using var logits = target.Logits(rows.Features);
        var view = rows.ToDataView(_context);
        var named = _context.Transforms.CopyColumns("Text", "Features").Fit(view).Transform(view);
        var probabilities = model.Transform(named).GetColumn<float>("Probability").ToArray();
        Assert.Equal(40, probabilities.Distinct().Count());
        for (var row = 0; row < rows.Count; row++)
            Assert.Equal(probabilities[row], Math.Exp(logits[row, 1].item<float>()), 1e-6);
    }

    [Fact]
    public void Factors_of_texts_are_saved_loaded_and_the_same_for_one_row()
    {
        var model = Pipeline().Fit(_data);
        using var target = MLNetTarget.FromTransformer(model, _data.Schema, "Text");
        var factors = _context.Transforms.UnlearnFactors("UnlearnFactors", target, "Text").Fit(_data);
        float[][] expected = [.. factors.Transform(_data).GetColumn<float[]>("UnlearnFactors")];
        Assert.All(expected.SelectMany(row => row), value => Assert.True(float.IsFinite(value)));
        Assert.Contains("DeletedResidual", factors.FactorNames);
        Assert.True(expected.Select(row => row[factors.FactorNames.ToList().IndexOf("NeighborDistance")]).Distinct().Count() > 10);

        using var file = new MemoryStream();
        _context.Model.Save(factors, _data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(2).Model.Load(file, out _);
        foreach (var (one, other) in expected.Zip(loaded.Transform(_data).GetColumn<float[]>("UnlearnFactors")))
            for (var i = 0; i < one.Length; i++)
                Assert.Equal(one[i], other[i], 1e-5);
    }

    [Fact]
    public void A_recipe_trains_on_texts_and_its_targets_know_their_classes()
    {
        using var rows = TrainingRows.FromDataView(_data, "Text");
        using var target = Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        Assert.True(target.TakesText);
        Assert.Equal(["False", "True"], target.ClassNames!);
        using var logits = target.Logits(rows.Features);
        using var right = logits.argmax(1).eq(rows.Labels).sum();
        Assert.InRange(right.item<long>(), 38, 40);
        using var half = Recipe.Train(rows, Enumerable.Range(0, 20).ToArray(), seed: 1);
        using var others = half.Logits(rows.Features);
        Assert.False(others.allclose(logits));
    }

    [Fact]
    public void Columns_and_rows_that_do_not_fit_are_refused_by_name()
    {
        var model = Pipeline().Fit(_data);
        using var target = MLNetTarget.FromTransformer(model, _data.Schema, "Text", maximumTextLength: 200);
        var tooLong = _context.Data.LoadFromEnumerable(Create(5).Append(new Row { RowId = "long", Text = new('x', 201) }));
        Throws<InvalidOperationException>(
            () => _context.Transforms.UnlearnFactors("F", target, "Text").Fit(tooLong), "'Text' has 201 characters in row 5", "'long'");
        Throws<InvalidOperationException>(() => TrainingRows.FromDataView(tooLong, "Text", maximumTextLength: 200), "raise maximumTextLength");
        Throws<ArgumentOutOfRangeException>(() => _context.Transforms.UnlearnFactors("F", target, "Label").Fit(_data), "'Label'", "the target takes texts");
        Throws<ArgumentOutOfRangeException>(() => TrainingRows.FromDataView(_data, "Text", maximumTextLength: 0), "maximumTextLength");

        using var texts = TrainingRows.FromDataView(_data, "Text");
        Throws<ArgumentException>(
            () => new TorchRecipe(TorchArchitecture.Mlp(texts.FeatureCount, 2, 4)).Train(texts, Enumerable.Range(0, 40).ToArray(), 1), "The rows are texts");
        using var vectors = TinyRows.Training(20, 6);
        using var ofVectors = new TorchRecipe(TorchArchitecture.Mlp(6, 3, 4)) { Epochs = 1 }.Train(vectors, Enumerable.Range(0, 20).ToArray(), 1);
        Throws<ArgumentOutOfRangeException>(
            () => _context.Transforms.UnlearnFactors("F", ofVectors, "Text").Fit(_data), "expected known-size vector of Single");
    }

    private EstimatorChain<ITransformer> Pipeline() => new EstimatorChain<ITransformer>().Append<ITransformer>(
        _context.Transforms.Text.FeaturizeText("Words", "Text")).Append<ITransformer>(
        _context.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Words"));

    private static void Throws<T>(Func<object> action, params string[] words) where T : Exception
    {
        var failure = Assert.ThrowsAny<T>(action);
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
    }

    private static List<Row> Create(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(row => new Row
        {
            RowId = $"{row}",
            Label = row % 2 == 0,
            Text = $"{row}: " + string.Join(
                ' ', Enumerable.Range(0, 3 + random.Next(12)).Select(word => Words[word % 3 == 0 ? row % 2 : 2] is var of ? of[random.Next(of.Length)] : "")),
        })];
    }
}
