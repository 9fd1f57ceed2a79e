using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>Texts reach a Torch target as token ids or as a bag of words, in one pipeline with the factors.</summary>
public sealed class TextInputTests
{
    private static readonly string[][] Words =
    [
        ["good", "fine", "great", "happy"],
        ["bad", "poor", "awful", "sad"],
        ["film", "story", "the", "a", "actor", "scene"],
    ];

    [Fact]
    public void The_snippets_in_the_document_are_the_code_below()
    {
        Snippets.AssertIsIn("inputs.md", "TextInputTests.cs", "text");
        Snippets.AssertIsIn("inputs.md", "TextInputTests.cs", "tokens");
        Snippets.AssertIsIn("inputs.md", "TextInputTests.cs", "bag");
        Snippets.AssertIsIn("inputs.md", "TextInputTests.cs", "text-classifier");
    }

    [Fact]
    public void Token_ids_reach_a_torch_target_in_one_pipeline()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(Create(40));

        // <text>
        var mlContext = new MLContext(seed: 1);
        mlContext.ComponentCatalog.RegisterAssembly(typeof(TokenIds).Assembly);
        var tokens = mlContext.Transforms.CustomMapping(new TokenIds().GetMapping(), nameof(TokenIds));

        using var rows = TrainingRows.FromDataView(tokens.Fit(data).Transform(data));
        var architecture = TorchArchitecture.BagOfTokens(rows.FeatureCount, TokenIds.VocabularySize, dimensions: 16, rows.ClassCount, 16);
        using var target = new TorchRecipe(architecture) { Epochs = 5 }.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);

        var model = tokens.Append(mlContext.Transforms.UnlearnFactors("UnlearnFactors", target)).Fit(data);
        // </text>

        InputChecks.AssertServes<TextRow>(mlContext, model, data);
    }

    [Fact]
    public void A_bag_of_words_reaches_a_torch_target_in_one_pipeline()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(Create(40));
        var mlContext = new MLContext(seed: 1);

        // <bag>
        var words = mlContext.Transforms.Text.FeaturizeText("Features", "Text");
        using var rows = TrainingRows.FromDataView(words.Fit(data).Transform(data));
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(rows.FeatureCount, rows.ClassCount, 16)) { Epochs = 5 };
        // </bag>

        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        InputChecks.AssertServes<TextRow>(mlContext, words.Append(mlContext.Transforms.UnlearnFactors("UnlearnFactors", target)).Fit(data), data);
    }

    [Fact]
    public void Any_classifier_of_texts_is_a_target_in_one_pipeline()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(Create(40));

        // <text-classifier>
        var mlContext = new MLContext(seed: 1);
        var recipe = new EstimatorRecipe("n-grams and Lbfgs, 1", context => context.Transforms.Text.FeaturizeText("Words", "Features")
            .Append(context.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Words")));
        using var rows = TrainingRows.FromDataView(data, featureColumnName: "Text");
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);

        var model = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target, featureColumnName: "Text").Fit(data);
        // </text-classifier>

        Assert.True(target.TakesText);
        Assert.Equal(HardnessFactors.DefaultFor(target).Select(factor => factor.Name), model.FactorNames);

        // Texts of a few words have many neighbors at the same distance, of which rounding chooses: those factors are left out.
        IHardnessFactor[] factors = [HardnessFactors.Loss, HardnessFactors.Entropy, HardnessFactors.DeletedResidual];
        var options = new UnlearnFactorsEstimator.Options { Target = target, FeatureColumnName = "Text", Factors = factors };
        var served = mlContext.Transforms.UnlearnFactors(options);
        InputChecks.AssertServes<TextRow>(mlContext, served.Fit(data), data, factors.Length);
    }

    [Fact]
    public void A_vector_of_unknown_size_is_refused_with_its_name()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(Create(10));
        var variable = context.Transforms.Text.TokenizeIntoWords("Features", "Text").Fit(data).Transform(data);
        Assert.Contains("'Features': expected known-size vector of Single",
            Assert.Throws<ArgumentOutOfRangeException>(() => TrainingRows.FromDataView(variable)).Message, StringComparison.Ordinal);
    }

    private static List<TextRow> Create(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(row => new TextRow
        {
            RowId = $"{row}",
            Label = row % 2 == 0,
            Text = string.Join(
                ' ', Enumerable.Range(0, 3 + random.Next(12)).Select(word => Words[word % 3 == 0 ? row % 2 : 2] is var of ? of[random.Next(of.Length)] : "")),
        })];
    }

    private sealed class TextRow
    {
        public string RowId { get; set; } = "";

        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }

    // <tokens>
    [CustomMappingFactoryAttribute(nameof(TokenIds))]
    public sealed class TokenIds : CustomMappingFactory<TokenIds.Input, TokenIds.Output>
    {
        public const int VocabularySize = 1000;
        public const int Length = 12;

        public override Action<Input, Output> GetMapping() => (input, output) =>
        {
            var words = input.Text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            output.Features = new float[Length]; // 0 is padding
            for (var i = 0; i < Math.Min(words.Length, Length); i++)
                output.Features[i] = 1 + words[i].Aggregate(17u, (hash, letter) => hash * 31 + letter) % (VocabularySize - 1);
        };

        public sealed class Input
        {
            public string Text { get; set; } = "";
        }

        public sealed class Output
        {
            [VectorType(Length)]
            public float[] Features { get; set; } = [];
        }
    }
    // </tokens>
}
