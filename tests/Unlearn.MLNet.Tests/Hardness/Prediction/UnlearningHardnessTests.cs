using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Unlearn.Conformance;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.TestPrograms;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

public sealed class UnlearningHardnessTests
{
    private static readonly string[] Numbers =
        ["HardProbability", "FT.PredictedResidualMemory", "FT.ResidualMemoryBound", "nothing.PredictedResidualMemory", "nothing.ResidualMemoryBound"];

    private static readonly Lazy<(PlantedMemory Labeled, PlantedMemory New, UnlearningHardnessTransformer Model)> Small = new(() =>
    {
        var labeled = new PlantedMemory(800, 1);
        return (labeled, new PlantedMemory(500, 2, firstId: 100_000), Fit(labeled, new() { Seed = 3 }));
    });

    private sealed class Given
    {
        [VectorType(PlantedMemory.Factors)]
        public float[] UnlearnFactors { get; set; } = [];
    }

    private sealed class Answer
    {
        public float HardProbability { get; set; }

        [ColumnName("FT.ResidualMemoryBound")]
        public float FtBound { get; set; }

        [ColumnName("nothing.PredictedResidualMemory")]
        public float Nothing { get; set; }

        public string RecommendedMethod { get; set; } = "";
    }

    public static TheoryData<ConformanceCheck> Rules => [.. EstimatorConformance.Checks(new()
    {
        CreateEstimator = context => context.Transforms.UnlearningHardness(new PlantedMemory(300, 1).Labels(), new() { RowIdColumnName = "RowId" }),
        CreateData = _ => new PlantedMemory(300, 1).Rows(),
        RowIdColumnName = "Text",
        InputColumnNames = ["UnlearnFactors"],
        OutputColumnNames = Numbers,
    })];

    [Theory]
    [MemberData(nameof(Rules), DisableDiscoveryEnumeration = true)]
    public void It_obeys_the_rules_of_estimators(ConformanceCheck rule) => rule.Run();

    [Fact]
    public void Bounds_hold_for_new_rows_in_every_third_of_predicted_hardness_and_not_for_another_data_set()
    {
        const double Confidence = 0.9;
        const int New = 6_000;
        var unlabeled = new PlantedMemory(New, 100, firstId: 1_000_000);
        var elsewhere = new PlantedMemory(1_000, 101, shift: 0.4, firstId: 2_000_000);
        var coverage = new Dictionary<string, List<double>>();
        List<double> ratios = [];
        List<double> shifted = [];
        for (var seed = 1; seed <= 3; seed++)
        {
            var model = Fit(new PlantedMemory(5_000, seed), new() { Confidence = Confidence, Seed = seed });
            var output = model.Transform(unlabeled.Rows());
            foreach (var (method, memory) in new[] { ("FT", unlabeled.Ft), ("nothing", unlabeled.Nothing) })
            {
                float[] bounds = Column(output, $"{method}.ResidualMemoryBound");
                bool[] isCovered = [.. memory.Zip(bounds, (value, bound) => value <= bound)];
                Add(method, isCovered);
                foreach (var by in new[] { "HardProbability", $"{method}.PredictedResidualMemory" })
                {
                    var order = Column(output, by).Index().OrderBy(row => row.Item).Select(row => row.Index).ToArray();
                    for (var third = 0; third < 3; third++)
                        Add($"{method}, third {third + 1} by {by}", [.. order[(third * New / 3)..((third + 1) * New / 3)].Select(row => isCovered[row])]);
                }
            }
            ratios.AddRange(Column(output, "FT.ResidualMemoryBound").Select((bound, row) => bound / unlabeled.TrueBound(row)));
            shifted.Add(Coverage(elsewhere, model));
        }
        foreach (var (name, values) in coverage)
        {
            var measured = string.Join(", ", values.Select(value => Invariant($"{value:0.0000}")));
            TestContext.Current.TestOutputHelper?.WriteLine($"coverage {name}: {measured}");
            Assert.True(Math.Abs(values.Average() - Confidence) < 0.02, Invariant($"{name}: {values.Average():0.0000}"));
            Assert.All(values, value => Assert.InRange(value, Confidence - 0.04, Confidence + 0.04));
        }
        // The bounds are no wider than they have to be: 10 % quantile, median and 90 % quantile of their ratio to the true ones.
        ratios.Sort();
        Assert.InRange(ratios[ratios.Count / 2], 0.9, 1.1);
        Assert.InRange(ratios[ratios.Count / 10], 0.7, 1);
        Assert.InRange(ratios[ratios.Count * 9 / 10], 1, 1.4);
        Assert.All(shifted, value => Assert.InRange(value, 0, 0.7));

        void Add(string name, IReadOnlyList<bool> isCovered)
        {
            coverage.TryAdd(name, []);
            coverage[name].Add(isCovered.Average(covered => covered ? 1.0 : 0));
        }
    }

    [Fact]
    public void The_cheapest_method_with_a_safe_bound_is_recommended_and_the_exact_one_for_the_rest()
    {
        var (labeled, unlabeled, model) = Small.Value;
        Assert.Equal(["nothing", "FT", "EU"], model.Methods);
        Assert.Equal(1.6, model.Tolerance, 6);
        var output = model.Transform(unlabeled.Rows());
        var (nothing, ft) = (Column(output, "nothing.ResidualMemoryBound"), Column(output, "FT.ResidualMemoryBound"));
        string[] wanted = [.. nothing.Zip(ft, (n, f) => n <= 1.6f ? "nothing" : f <= 1.6f ? "FT" : "EU")];
        Assert.Equal(wanted, output.GetColumn<string>("RecommendedMethod"));
        Assert.Equal(["EU", "FT", "nothing"], wanted.Distinct().Order(StringComparer.Ordinal));
        Assert.All(Numbers[1..], name => Assert.All(Column(output, name), value => Assert.InRange(value, 0, float.MaxValue)));
        Assert.All(Column(output, "HardProbability"), value => Assert.InRange(value, 0, 1));

        var costly = Fit(labeled, new() { Seed = 3, Seconds = new Dictionary<string, double> { ["FT"] = 11 }, Tolerance = 1e9 });
        Assert.Equal(["nothing", "EU"], costly.Methods);
        var dearNothing = Fit(labeled, new() { Seed = 3, Seconds = new Dictionary<string, double> { ["nothing"] = 3 }, Tolerance = 1e9 });
        Assert.All(dearNothing.Transform(unlabeled.Rows()).GetColumn<string>("RecommendedMethod"), name => Assert.Equal("FT", name));
    }

    [Fact]
    public void Prediction_engines_agree_with_whole_views_and_rows_with_unknown_factors_are_retrained()
    {
        var (_, unlabeled, model) = Small.Value;
        var context = new MLContext(1);
        using var engine = context.Model.CreatePredictionEngine<Given, Answer>(model);
        var output = model.Transform(unlabeled.Rows());
        var wanted = context.Data.CreateEnumerable<Answer>(output, reuseRowObject: false, ignoreMissingColumns: false).Take(40).ToList();
        for (var row = 0; row < wanted.Count; row++)
        {
            var answer = engine.Predict(new() { UnlearnFactors = unlabeled.AllFactors[row] });
            Assert.Equal(Values(wanted[row]), Values(answer));
        }
        var unknown = engine.Predict(new() { UnlearnFactors = [0, 0, float.NaN, 0, 0] });
        Assert.Equal((float.NaN, float.PositiveInfinity, float.NaN, "EU"), Values(unknown));
        Assert.Equal(wanted[1].FtBound, engine.Predict(new() { UnlearnFactors = unlabeled.AllFactors[1] }).FtBound);

        static (float, float, float, string) Values(Answer answer) => (answer.HardProbability, answer.FtBound, answer.Nothing, answer.RecommendedMethod);
    }

    [Fact]
    public async Task A_fresh_process_loads_it_and_predicts_the_same()
    {
        var (_, unlabeled, model) = Small.Value;
        using var folder = new TemporaryFolder();
        var context = new MLContext(1);
        var rows = unlabeled.Rows();
        context.Model.Save(model, rows.Schema, folder.File("model.zip"));
        await using (var file = File.Create(folder.File("rows.idv")))
            context.Data.SaveAsBinary(rows, file);
        using var process = TestProgram.Start("predict", folder.File("model.zip"), folder.File("rows.idv"));
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        var output = model.Transform(rows);
        var wanted = output.GetColumn<string>("RecommendedMethod").Zip(Column(output, "FT.ResidualMemoryBound"), Column(output, "HardProbability"))
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.First} {row.Second:R} {row.Third:R}"));
        Assert.Equal(wanted, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()));
    }

    [Fact]
    public void The_order_of_the_rows_and_of_the_labels_does_not_matter_and_the_seed_does()
    {
        var (labeled, unlabeled, model) = Small.Value;
        int[] order = [.. Enumerable.Range(0, labeled.Ids.Length)];
        new SeededRandom(9).Shuffle<int>(order);
        var shuffled = new MLContext(7).Transforms.UnlearningHardness(labeled.Labels(), new() { Seed = 3 }).Fit(labeled.Rows(order));
        var other = Fit(labeled, new() { Seed = 4 });
        foreach (var name in Numbers)
            Assert.Equal(Column(model.Transform(unlabeled.Rows()), name), Column(shuffled.Transform(unlabeled.Rows()), name));
        Assert.NotEqual(Column(model.Transform(unlabeled.Rows()), Numbers[2]), Column(other.Transform(unlabeled.Rows()), Numbers[2]));
    }

    [Fact]
    public void Near_duplicates_stay_together_or_else_the_bounds_fail()
    {
        // Three copies of every row, and trees that learn single rows by heart.
        var labeled = new PlantedMemory(1_800, 5, copies: 3);
        var unlabeled = new PlantedMemory(1_500, 6, firstId: 100_000);
        Func<MLContext, int, IEstimator<ITransformer>> byHeart = (context, _) => context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
        {
            NumberOfTrees = 20, NumberOfLeaves = 300, LearningRate = 0.3, MinimumExampleCountPerLeaf = 1, NumberOfThreads = 1, FeatureFlocks = false,
        });
        var together = CoverageOf(new() { Seed = 1, Regressor = byHeart });
        var apart = CoverageOf(new() { Seed = 1, Regressor = byHeart, GroupColumnName = "RowId" });
        Assert.InRange(together, 0.87, 0.93);
        Assert.InRange(apart, 0, 0.8);

        double CoverageOf(UnlearningHardnessEstimator.Options options) =>
            Coverage(unlabeled, Fit(labeled, options));
    }

    [Fact]
    public void No_group_is_on_both_sides_of_the_split()
    {
        var random = new SeededRandom(1);
        int[] groups = [.. Enumerable.Range(0, 1000).Select(row => row < 300 ? 0 : random.Next(200))];
        var split = GroupSplit.Draw(groups, 0.4, 1);
        Assert.Empty(split.Training.Select(row => groups[row]).Intersect(split.Calibration.Select(row => groups[row])));
        Assert.Equal(Enumerable.Range(0, 1000), split.Training.Concat(split.Calibration).Order());
        Assert.InRange(split.Calibration.Length, 390, 400);
        Assert.Equal(split.Calibration, GroupSplit.Draw(groups, 0.4, 1).Calibration);
    }

    [Fact]
    public void Any_trainer_and_any_regression_will_do_and_are_saved_with_the_model()
    {
        var (labeled, unlabeled, _) = Small.Value;
        var model = Fit(labeled, new()
        {
            Seed = 1,
            Trainer = HardnessTrainer.LogisticRegression(),
            Regressor = (context, _) => context.Transforms.NormalizeMeanVariance("Features")
                .Append(context.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options { NumberOfThreads = 1, Silent = true })),
        });
        using var file = new MemoryStream();
        var context = new MLContext(1);
        context.Model.Save(model, unlabeled.Rows().Schema, file);
        file.Position = 0;
        var loaded = context.Model.Load(file, out _);
        foreach (var name in Numbers)
            Assert.Equal(Column(model.Transform(unlabeled.Rows()), name), Column(loaded.Transform(unlabeled.Rows()), name));
    }

    private static double Coverage(PlantedMemory rows, UnlearningHardnessTransformer model) =>
        rows.Ft.Zip(Column(model.Transform(rows.Rows()), "FT.ResidualMemoryBound")).Average(row => row.First <= row.Second ? 1.0 : 0);

    private static float[] Column(IDataView view, string name) => [.. view.GetColumn<float>(name)];

    private static UnlearningHardnessTransformer Fit(PlantedMemory labeled, UnlearningHardnessEstimator.Options options) =>
        new MLContext(1).Transforms.UnlearningHardness(labeled.Labels(), options).Fit(labeled.Rows());
}
