using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

/// <summary>Real retrainings of a network that memorizes, on rows whose hardness is known: rows with a wrong label, and such rows twice over.</summary>
public sealed class PlantedRowsTests(PlantedRowsTests.Labeling labeling) : IClassFixture<PlantedRowsTests.Labeling>
{
    private const int Clean = 90;
    private const int Mislabeled = 12;
    private const int Width = 8;
    private const int Classes = 3;

    private static readonly TorchRecipe Recipe = new(TorchArchitecture.Mlp(Width, Classes, 64))
    {
        Epochs = 80,
        BatchSize = 32,
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 0.02,
        WeightDecay = 0,
        Device = TorchDevice.Cpu,
    };

    [Fact]
    public void RowsWithAWrongLabelAreHarder()
    {
        var ordinary = labeling.Of(Enumerable.Range(0, Clean));
        var wrong = labeling.Of(Enumerable.Range(Clean, Mislabeled));
        Assert.True(wrong > ordinary + 0.3, $"{wrong} and {ordinary}");
        var hardest = HardnessScores.Label(labeling.Scores[0].All, 0.1);
        Assert.True(Enumerable.Range(Clean, Mislabeled).Count(row => hardest[row]) >= Mislabeled / 2);
    }

    [Fact]
    public void RowsThatAreThereTwiceAreEasierThanTheSameKindOfRowThatIsThereOnce()
    {
        var once = labeling.Of(Enumerable.Range(Clean, Mislabeled));
        var twice = labeling.Of(Enumerable.Range(Clean + Mislabeled, 2 * Mislabeled));
        Assert.True(twice < once - 0.2, $"{twice} and {once}");
    }

    [Fact]
    public void LabelsAreStableOverSeeds()
    {
        var stability = LabelStability.Of([labeling.Scores[0].All, labeling.Scores[1].All], 0.2);
        Assert.True(stability.Spearman > 0.5, $"{stability}");
        Assert.True(stability.Overlap > 2.5 * stability.Chance, $"{stability}");
    }

    /// <summary>Two labelings of the same rows with other seeds: clean rows, mislabeled ones, and mislabeled ones with an exact copy of each.</summary>
    public sealed class Labeling : IAsyncLifetime
    {
        public IReadOnlyList<HardnessScores> Scores { get; private set; } = [];

        public async ValueTask InitializeAsync() => Scores = await Task.WhenAll(Unlearn.Transforms.Runtime.TorchThreads.RunAsync("first", () => Label(1)),
            Unlearn.Transforms.Runtime.TorchThreads.RunAsync("second", () => Label(2)));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public double Of(IEnumerable<int> rows) => rows.Average(row => Scores.Average(scores => scores.All[row]));

        private static HardnessScores Label(int seed)
        {
            using var rows = Rows();
            using var target = Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed);
            var unlearner = new ExactRetraining();
            var plan = TrialPlanner.Plan(unlearner.Name, TrialContext.Of(unlearner, Recipe, seed, rows, null), rows.Ids, 26, 0.2, seed);
            var subject = new TrialSubject(target, Recipe, rows, null, TimeProvider.System);
            return HardnessScorer.Score(rows.Ids, [new()
            {
                Unlearner = unlearner,
                Plan = plan,
                Run = new() { Results = [.. plan.Trials.Select(trial => subject.Run(unlearner, trial, default))], Failures = [] },
            }])[0];
        }

        private static TrainingRows Rows()
        {
            var random = new Random(3);
            List<float> features = [];
            List<long> labels = [];
            for (var row = 0; row < Clean + 2 * Mislabeled; row++)
            {
                var right = row % Classes;
                float[] drawn = [.. Enumerable.Range(0, Width).Select(i => (float)(random.NextDouble() * 2 - 1) + (i % Classes == right ? 2.5f : 0f))];
                for (var copy = 0; copy < (row < Clean + Mislabeled ? 1 : 2); copy++)
                {
                    features.AddRange(drawn);
                    labels.Add(row < Clean ? right : (right + 1) % Classes);
                }
            }
            return new(TestTrials.Ids(labels.Count), [.. features], Width, [.. labels], Classes);
        }
    }
}
