using Microsoft.ML;
using TorchSharp;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Texts;
using Unlearn.Examples.ImdbReviews;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class TextTests
{
    private static readonly Vocabulary Words = Vocabulary.Of(["The cat saw the dog.<br />The end", "a cat"], 5);

    [Fact]
    public void The_most_frequent_words_have_numbers_and_others_share_one()
    {
        Assert.Equal(5, Words.Size);
        Assert.Equal(new Dictionary<string, int> { ["the"] = 2, ["cat"] = 3, ["."] = 4 }, Words.Numbers);
        Assert.Equal([2, 3, 1, 4, 0, 0], Words.Encode("The CAT sleeps.", 6));
        Assert.Equal([2, 3], Words.Encode("The cat sleeps.", 2));
    }

    [Fact]
    public void Vectors_of_known_words_are_read_and_bad_lines_are_named()
    {
        using TemporaryFolder folder = new();
        var file = folder.File("glove.txt");
        File.WriteAllText(file, "cat 1 2.5\nbird 0 0\nthe -1 3e-1\n");
        var vectors = WordVectors.Read(file, Words);
        Assert.Equal(2, vectors.Dimensions);
        Assert.Equal([2, 3], vectors.Tokens);
        Assert.Equal([-1, 0.3f, 1, 2.5f], vectors.Values);
        File.WriteAllText(file, "cat 1 2.5\nthe 1\n");
        Assert.Contains("Line 2 ", Assert.Throws<InvalidDataException>(() => WordVectors.Read(file, Words)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, "bird 1 2.5\n");
        Assert.Contains("none of the 3 words", Assert.Throws<InvalidDataException>(() => WordVectors.Read(file, Words)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_encoder_minds_the_order_of_words()
    {
        using var encoder = new TextEncoder(vocabularySize: 9, length: 4, width: 8, heads: 2, classCount: 2);
        using var scope = torch.NewDisposeScope();
        var logits = encoder.call(torch.tensor(new float[,] { { 2, 3, 4, 5 }, { 5, 3, 4, 2 } }));
        Assert.Equal([2, 2], logits.shape);
        Assert.False(logits[0].allclose(logits[1]));
    }

    [Fact]
    public void The_encoder_has_every_factor_that_its_study_asks_for()
    {
        var random = new Random(1);
        using var rows = LabeledRow.ToTrainingRows(Enumerable.Range(0, 60).Select(i => new LabeledRow
        {
            RowId = $"{i}",
            Label = (uint)(i % 2),
            Features = [.. Enumerable.Range(0, 6).Select(_ => (float)(random.Next(4) + 4 * (i % 2) + 1))],
        }), 6, 2);
        var recipe = new TorchRecipe(TorchArchitecture.Custom("text-encoder-test", [6], 2, () => new TextEncoder(9, 6, 8, 2, 2)))
        {
            Epochs = 3,
            Optimizer = OptimizerKind.AdamW,
            LearningRate = 0.01,
            Device = TorchDevice.Cpu,
        };
        using var target = recipe.TrainWithGradientTrace(rows, Enumerable.Range(0, 60).ToArray(), 1, checkpoints: 2);
        var context = new MLContext(1);
        var data = rows.ToDataView(context);
        List<IHardnessFactor> factors = [.. HardnessFactors.All.Where(factor => factor.Tier != FactorTier.T3
            && factor != HardnessFactors.SteinMarginal
            && factor != HardnessFactors.DeepFoolDistance)];
        var transformed = context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = factors, KeepUndefined = true })
            .Fit(data)
            .Transform(data);
        foreach (var factor in factors)
            Assert.All(Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<float>(transformed, transformed.Schema[factor.Name]),
                value => Assert.True(float.IsFinite(value), $"{factor.Name} is {value}"));
    }
}
