using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.TextClassification;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>
/// Text classifiers of Microsoft.ML.TorchSharp beside our TorchSharp. The package's own classes write the model, as they do beside the TorchSharp that they
/// were made for; see <see cref="RandomNetwork"/>. Their trainer would take minutes, and a copy of the assembly without four disposals.
/// </summary>
public sealed class TextClassifierTests : IDisposable
{
    private const int Length = 12;

    private readonly MLContext _context = new(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unlearn-text-");
    private readonly IDataView _data;

    public TextClassifierTests() => _data = _context.Data.LoadFromEnumerable(Rows());

    private sealed class TextRow
    {
        public string RowId { get; set; } = "";

        public string Text { get; set; } = "";

        public string Label { get; set; } = "";

        [VectorType(Length)]
        public float[] Tokens { get; set; } = [];
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_snippet_in_the_document_is_the_code_below() => Snippets.AssertIsIn("inputs.md", "TextClassifierTests.cs", "text-classification");

    [Fact]
    public void A_saved_classifier_is_a_black_box_over_its_text_column_and_saves_with_its_factors()
    {
        var modelPath = Path.Combine(_folder.FullName, "model.zip");
        File.WriteAllBytes(modelPath, RandomNetwork.Model);
        var data = _context.Transforms.Conversion.MapValueToKey("Label").Fit(_data).Transform(_data);

        // <text-classification>
        var mlContext = new MLContext(seed: 1);
        using var target = TextClassifier.FromFile(modelPath);
        var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target, featureColumnName: "Text").Fit(data);
        // </text-classification>

        Assert.Equal(["pos", "neg"], target.ClassNames!);
        float[][] expected = [.. factors.Transform(data).GetColumn<float[]>("UnlearnFactors")];
        Assert.All(expected.SelectMany(row => row), value => Assert.True(float.IsFinite(value)));
        Assert.True(expected.Select(row => row[0]).Distinct().Count() > 5);
        using var file = new MemoryStream();
        mlContext.Model.Save(factors, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(2).Model.Load(file, out _);
        foreach (var (one, other) in expected.Zip(loaded.Transform(data).GetColumn<float[]>("UnlearnFactors")))
            for (var i = 0; i < one.Length; i++)
                Assert.Equal(one[i], other[i], 1e-4);
    }

    [Fact]
    public void Scores_are_the_packages_own_in_batches_and_of_tokens_and_gradients_are_autograds()
    {
        using var target = TextClassifier.FromModel(RandomNetwork.Model);
        using var rows = TrainingRows.FromDataView(_context.Transforms.Conversion.MapValueToKey("Label").Fit(_data).Transform(_data), "Text");
        using var logits = target.Logits(rows.Features);
        using var package = RandomNetwork.Of(RandomNetwork.Model);
        for (var row = 0; row < 4; row++)
        {
            var tokens = TextClassifier.Tokens(TextFeatures.Decode(rows.FeaturesAt(row)), TextClassifier.MostTokens);
            using var ids = torch.tensor([.. tokens.Where(token => token > 0).Select(token => (long)token - 1)]).unsqueeze(0);
            using var own = package.call(ids, null!);
            for (var k = 0; k < 2; k++)
                Assert.Equal(own[0, k].item<float>(), logits[row, k].item<float>(), 1e-4);
        }

        using var white = target.ToTorchTarget(Length);
        var tokenRows = _context.Data.LoadFromEnumerable(Rows(8));
        var keyed = _context.Transforms.Conversion.MapValueToKey("Label").Fit(tokenRows).Transform(tokenRows);
        var factors = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = white, FeatureColumnName = "Tokens", Factors = [HardnessFactors.Loss, HardnessFactors.GradientNorm],
        }).Fit(keyed).Transform(keyed).GetColumn<float[]>("UnlearnFactors").ToArray();
        Assert.All(factors, row => Assert.True(row[1] > 0));
        Assert.Equal(Norm(white, Rows(8)[0]), factors[0][1], 1e-3);
    }

    [Fact]
    public void The_network_trains_by_a_recipe_from_an_encoder()
    {
        var encoderPath = Path.Combine(_folder.FullName, "encoder.tsm");
        RandomNetwork.SaveEncoder(encoderPath);
        var architecture = TextClassifier.Architecture(encoderPath, classCount: 2, tokenCount: Length);
        var keyed = _context.Transforms.Conversion.MapValueToKey("Label").Fit(_data).Transform(_data);
        using var rows = TrainingRows.FromDataView(keyed, "Tokens");
        var recipe = new TorchRecipe(architecture) { Epochs = 1, BatchSize = 8, Device = TorchDevice.Cpu };
        using var one = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        using var again = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        using var logits = one.Logits(rows.Features);
        using var repeated = again.Logits(rows.Features);
        Assert.Equal(logits.data<float>().ToArray(), repeated.data<float>().ToArray());
        Assert.True(logits.std(0, unbiased: false).min().item<float>() > 0);

        // Trials of another encoder must not be found in the ledger of this one.
        var content = File.ReadAllBytes(encoderPath);
        content[content.Length / 2] ^= 1;
        var otherPath = Path.Combine(_folder.FullName, "other.tsm");
        File.WriteAllBytes(otherPath, content);
        Assert.NotEqual(architecture.Name, TextClassifier.Architecture(otherPath, classCount: 2, tokenCount: Length).Name);
        Assert.Equal(architecture.Name, TextClassifier.Architecture(encoderPath, classCount: 2, tokenCount: Length).Name);
    }

    [Fact]
    public void What_cannot_work_says_so_before_any_work_with_versions_and_cure()
    {
        var failure = Assert.Throws<NotSupportedException>(() => TextClassifier.EnsureTrainable(_context));
        Assert.Matches(@"Microsoft\.ML\.TorchSharp \d.* beside TorchSharp 0\.107", failure.Message);
        Assert.Contains("TorchSharp 0.102.7", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TextClassifier.FromFile", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(Path.Combine("mlnet", "NasBert2000000.tsm"), TextClassifier.EncoderPath(_context), StringComparison.Ordinal);
        var missing = Path.Combine(_folder.FullName, "none.tsm");
        Assert.Contains("downloads when it first runs",
            Assert.Throws<FileNotFoundException>(() => TextClassifier.Architecture(missing, 2, 8)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OBJ-DETC", "object detection: a row has any number of boxes")]
    [InlineData("NER-BERT", "named entity recognition: each word of a row has a class")]
    [InlineData("SNT-SIMI", "sentence similarity: a row has a number")]
    [InlineData("QA-ANSWR", "question answering: a row's answer")]
    public void Other_models_of_the_package_are_refused_with_the_reason(string kind, string reason)
    {
        using var file = new MemoryStream();
        file.Write(RandomNetwork.Model);
        using (var archive = new System.IO.Compression.ZipArchive(file, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = archive.Entries.Single(entry => entry.FullName.EndsWith("TSModel", StringComparison.Ordinal));
            using var stream = archive.GetEntry(entry.FullName.Replace("TSModel", "Model.key", StringComparison.Ordinal))!.Open();
            stream.Position = 0x40;
            stream.Write(System.Text.Encoding.ASCII.GetBytes(kind));
        }
        Assert.Contains(reason, Assert.Throws<NotSupportedException>(() => TextClassifier.FromModel(file.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_such_model_is_refused()
    {
        Assert.Throws<FormatException>(() => TextClassifier.FromModel([1, 2, 3]));
        using var file = new MemoryStream();
        _context.Model.Save(_context.Transforms.CopyColumns("A", "Text").Fit(_data), _data.Schema, file);
        Assert.Contains("0 networks", Assert.Throws<FormatException>(() => TextClassifier.FromModel(file.ToArray())).Message, StringComparison.Ordinal);
        Assert.Contains("holds no parameters", Assert.Throws<FormatException>(() => SavedParameters.Read([5, 1, 65])).Message, StringComparison.Ordinal);
    }

    private static List<TextRow> Rows(int count = 16) =>
    [
        .. Enumerable.Range(0, count).Select(row => new TextRow
        {
            RowId = $"{row}",
            Label = row % 2 == 0 ? "pos" : "neg",
            Text = row % 2 == 0 ? $"a wonderful film, number {row}" : $"an awful boring mess, number {row}, avoid",
            Tokens = TextClassifier.Tokens(row % 2 == 0 ? $"a wonderful film, number {row}" : $"an awful boring mess, number {row}, avoid", Length),
        }),
    ];

    /// <summary>‖∇‖ of the row's loss over all parameters, by autograd on a copy of the module.</summary>
    private static double Norm(TorchTarget target, TextRow row)
    {
        using var scope = torch.NewDisposeScope();
        var module = target.CopyModule();
        var loss = torch.nn.functional.cross_entropy(module.call(torch.tensor(row.Tokens).unsqueeze(0)), torch.tensor([0L]));
        loss.backward();
        return Math.Sqrt(module.parameters().Where(parameter => parameter.grad is not null)
            .Sum(parameter => parameter.grad!.to(torch.float64).pow(2).sum().item<double>()));
    }
}
