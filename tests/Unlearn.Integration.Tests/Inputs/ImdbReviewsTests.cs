using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Examples.ImdbReviews;
using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.TextClassification;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>
/// The network of Microsoft.ML.TorchSharp on IMDb's reviews, from a random encoder: trained, its factors, retrainings, AUC, saved, and loaded in another
/// process. It runs where <c>UNLEARN_IMDB</c> names the reviews; <c>UNLEARN_IMDB_LEDGER</c> keeps the retrainings of a run that was stopped.
/// </summary>
public sealed class ImdbReviewsTests : IDisposable
{
    private const string Variable = "UNLEARN_IMDB";
    private const string Ledger = "UNLEARN_IMDB_LEDGER";
    private const string Elsewhere = "UNLEARN_IMDB_ELSEWHERE";
    private const int TestRows = 1000;
    private const int SavedRows = 50;

    private static readonly int Rows = CaseCount.Of("UNLEARN_IMDB_ROWS", 2000);
    private static readonly int Tokens = CaseCount.Of("UNLEARN_IMDB_TOKENS", 32);
    private static readonly int Epochs = CaseCount.Of("UNLEARN_IMDB_EPOCHS", 6);

    private static readonly string[] Neighbors =
        ["CentroidDistance", "Entanglement", "NeighborDistance", "NeighborDisagreement", "NearDuplicates", "DeletedResidual"];

    private readonly MLContext _context = new(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unlearn-imdb-");

    private string EncoderPath => Path.Combine(_folder.FullName, "encoder.tsm");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_whole_network_goes_the_whole_way()
    {
        var (train, test) = Read();
        RandomNetwork.SaveEncoder(EncoderPath);
        using var rows = TrainingRows.FromDataView(View(train.Select(TokenRow), Tokens));
        using var testRows = TrainingRows.FromDataView(View(test.Select(TokenRow), Tokens));
        var recipe = new TorchRecipe(TextClassifier.Architecture(EncoderPath, classCount: 2, Tokens))
        {
            Epochs = Epochs, BatchSize = 32, Optimizer = OptimizerKind.AdamW, LearningRate = 3e-4, Device = TorchDevice.Cpu,
        };
        // Gradients go row by row through this network, so the factors are those of the forward pass, the neighbors and the training.
        IHardnessFactor[] factors = [.. HardnessFactors.All.Where(
            factor => !factor.NeedsGradientTrace && (factor.Tier is FactorTier.T0 or FactorTier.T2 || Neighbors.Contains(factor.Name)))];
        await StudyAsync(recipe, rows, testRows, CaseCount.Of("UNLEARN_IMDB_TRIALS", 14), factors);
        await LoadElsewhereAsync(recipe, rows, train);
    }

    [Fact]
    public async Task The_last_layer_goes_the_way_on_what_the_frozen_encoder_makes_of_the_texts()
    {
        var (train, test) = Read();
        using var rows = Represent(train);
        using var testRows = Represent(test);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(RandomNetwork.Width, 2))
        {
            Epochs = 30, Optimizer = OptimizerKind.AdamW, LearningRate = 1e-2, Stack = 32, Device = TorchDevice.Cpu,
        };
        await StudyAsync(recipe, rows, testRows, CaseCount.Of("UNLEARN_IMDB_HEAD_TRIALS", 256), factors: null);
    }

    /// <summary>What the first test starts as another process.</summary>
    [Fact(Explicit = true)]
    public void The_other_process_gets_the_same_factors()
    {
        var folder = Environment.GetEnvironmentVariable(Elsewhere)!;
        _ = TextClassifier.Architecture(Path.Combine(folder, "encoder.tsm"), classCount: 2, Tokens);
        var model = _context.Model.Load(Path.Combine(folder, "factors.zip"), out _);
        var rows = _context.Data.LoadFromBinary(Path.Combine(folder, "rows.bin"));
        File.WriteAllLines(Path.Combine(folder, "factors.txt"), Factors(model, rows).Select(value => Invariant($"{value:R}")));
    }

    private static (List<Review> Train, List<Review> Test) Read()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"{Variable} does not name IMDb's reviews: {ReviewFiles.Formats}.");
        return ReviewFiles.Read(path!, Rows, TestRows);
    }

    private async Task StudyAsync(ITrainingRecipe recipe, TrainingRows rows, TrainingRows testRows, int trials, IHardnessFactor[]? factors)
    {
        var before = Environment.CpuUsage.TotalTime;
        var study = await new HardnessStudy(new()
        {
            Title = "IMDb",
            Recipe = recipe,
            Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = trials }],
            Factors = factors,
            LedgerPath = Environment.GetEnvironmentVariable(Ledger) is { Length: > 0 } kept ? kept : Path.Combine(_folder.FullName, "trials.db"),
        }).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        var (target, unlearner) = (study.Target, study.Unlearners[0]);
        var evaluation = unlearner.Evaluation;
        Print(target.Description);
        Print(Invariant($"{target.Parameters} parameters; accuracy {target.TrainAccuracy:0.000} on {target.Rows} rows, ")
            + Invariant($"{target.TestAccuracy:0.000} on {target.TestRows} held-out rows"));
        Print(Invariant($"{unlearner.Trials} retrainings without 30 % of the rows, {unlearner.CpuSecondsPerTrial:0.0} CPU s each: ")
            + Invariant($"accuracy {unlearner.RetainedAccuracy:0.000} retained, {unlearner.TestAccuracy:0.000} held-out"));
        Print(Invariant($"AUC {evaluation.Auc.Value:0.000} [{evaluation.Auc.Low:0.000}, {evaluation.Auc.High:0.000}], loss alone {evaluation.LossAuc:0.000}, ")
            + Invariant($"ceiling {evaluation.Ceiling.Value:0.000} [{evaluation.Ceiling.Low:0.000}, {evaluation.Ceiling.High:0.000}], ")
            + Invariant($"class alone {evaluation.ClassAuc:0.000}, ")
            + Invariant($"best single {evaluation.BestSingle.Factor} {evaluation.BestSingle.Auc:0.000}; {study.Factors.Count} factors"));
        Print(Invariant($"{(Environment.CpuUsage.TotalTime - before).TotalMinutes:0.0} CPU minutes; {target.Warning ?? "no warning"}"));
        Assert.InRange(evaluation.Auc.Value, 0, 1);
    }

    private async Task LoadElsewhereAsync(TorchRecipe recipe, TrainingRows rows, List<Review> train)
    {
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1, cancellationToken: TestContext.Current.CancellationToken);
        var some = View(train.Take(SavedRows).Select(TokenRow), Tokens);
        var model = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target, Factors = [HardnessFactors.Loss, HardnessFactors.Entropy, HardnessFactors.GradientNorm],
        }).Fit(some);
        _context.Model.Save(model, some.Schema, Path.Combine(_folder.FullName, "factors.zip"));
        await using (var file = File.Create(Path.Combine(_folder.FullName, "rows.bin")))
            _context.Data.SaveAsBinary(some, file);
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, typeof(ImdbReviewsTests).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : "")),
            ["-method", $"{typeof(ImdbReviewsTests).FullName}.{nameof(The_other_process_gets_the_same_factors)}", "-explicit", "only"])
        { RedirectStandardOutput = true };
        start.Environment[Elsewhere] = _folder.FullName;
        using var other = Process.Start(start)!;
        var output = await other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(other.ExitCode == 0, output);
        var expected = Factors(model, some);
        var found = File.ReadAllLines(Path.Combine(_folder.FullName, "factors.txt"))
            .Select(line => float.Parse(line, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(expected[i], found[i], Math.Max(1e-5, 1e-4 * Math.Abs(expected[i])));
        Print($"{found.Length} numbers of the factors of {SavedRows} rows are the same in another process");
    }

    private static float[] Factors(ITransformer model, IDataView rows) =>
        [.. model.Transform(rows).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];

    private TrainingRows Represent(List<Review> reviews)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var encoder = RandomNetwork.Encoder();
        var rows = reviews.Select(TokenRow).ToList();
        foreach (var chunk in rows.Chunk(100))
        {
            using var chunkScope = torch.NewDisposeScope();
            var made = encoder.call(torch.tensor([.. chunk.SelectMany(row => row.Features)], [chunk.Length, Tokens]));
            foreach (var (row, i) in chunk.Select((row, i) => (row, i)))
                row.Features = made[i].data<float>().ToArray();
        }
        return TrainingRows.FromDataView(View(rows, RandomNetwork.Width));
    }

    private static ReviewRow TokenRow(Review review) =>
        new() { RowId = review.Id, Features = TextClassifier.Tokens(review.Text, Tokens), Label = review.IsPositive ? 1u : 0u };

    private IDataView View(IEnumerable<ReviewRow> rows, int width)
    {
        var schema = SchemaDefinition.Create(typeof(ReviewRow));
        schema[nameof(ReviewRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return _context.Data.LoadFromEnumerable(rows.ToList(), schema);
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private sealed class ReviewRow
    {
        public string RowId { get; set; } = "";

        public float[] Features { get; set; } = [];

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
