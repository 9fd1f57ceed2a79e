using Unlearn.MLNet.Hardness.Search;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Search;

public sealed class HardnessSearchTests
{
    private static readonly HardnessSearchOptions Options = new() { MostTrials = 6, Folds = 3, Workers = 2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_begins_at_the_defaults_tries_both_kinds_and_returns_the_best_of_all(bool drawsAtRandom)
    {
        var reported = new List<HardnessTrial>();
        var result = await SearchAsync(Options with { DrawsAtRandom = drawsAtRandom }, new ProgressRecorder<HardnessTrial>(reported));
        Assert.Equal(6, result.Trials.Count);
        Assert.Equal(6, result.Trials.Select(trial => trial.Trainer).Distinct().Count());
        Assert.Equal(HardnessTrainer.FastTree().Name, result.Trials[0].Trainer);
        Assert.Contains(result.Trials, trial => trial.Trainer.StartsWith("LightGBM", StringComparison.Ordinal));
        var best = result.Trials.MaxBy(trial => trial.Auc)!;
        Assert.Equal((best.Auc, best.Trainer), (result.Auc, result.Trainer.Name));
        Assert.Equal(result.Trials[0].Auc, result.DefaultAuc);
        Assert.True(result.Trials.Last(trial => trial.IsBest).Auc == result.Auc);
        Assert.Equal(result.Trials, reported);
        Assert.Equal(result.Trials.Select(WithoutTime), (await SearchAsync(Options with { DrawsAtRandom = drawsAtRandom })).Trials.Select(WithoutTime));
    }

    [Fact]
    public async Task A_trials_AUC_is_the_evaluations()
    {
        var result = await SearchAsync(Options with { MostTrials = 1 });
        var options = new HardnessOptions { Folds = 3, Trainer = result.Trainer, Permutations = 0, Subsets = false, HardShare = 0.2 };
        var evaluation = HardnessEvaluator.Evaluate(
            PlantedHardness.Factors(), PlantedHardness.Scores("X", 10), PlantedHardness.Groups, options, seed: 1, Token);
        Assert.Equal(PlantedHardness.Labels(1), evaluation.Labels);
        Assert.Equal(evaluation.Auc.Value, result.Auc);
    }

    [Fact]
    public async Task A_stopped_search_goes_on_from_its_file_to_the_same_result()
    {
        using var folder = new TemporaryFolder();
        var options = Options with { JournalPath = folder.File("search.json") };
        using var stop = new CancellationTokenSource();
        var stopper = new Stopper(3, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SearchAsync(options, stopper, stop.Token));
        Assert.Equal(3, stopper.Trials.Count);

        var resumed = await SearchAsync(options);
        Assert.Equal(stopper.Trials, resumed.Trials.Take(3)); // seconds, too: they were not run again
        Assert.Equal((await SearchAsync(Options)).Trials.Select(WithoutTime), resumed.Trials.Select(WithoutTime));
        Assert.Equal(resumed.Trials, (await SearchAsync(options with { MostTrials = null, Budget = TimeSpan.FromTicks(1) })).Trials);

        var other = await Assert.ThrowsAsync<InvalidOperationException>(() => SearchAsync(options with { Seed = 2 }));
        Assert.Contains("with other factors, labels, groups, folds or another seed", other.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(options.JournalPath, "{\"Rows\":", Token);
        var damaged = await Assert.ThrowsAsync<InvalidOperationException>(() => SearchAsync(options));
        Assert.Contains("holds no trials of a search", damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_of_time_ends_it_after_the_defaults_at_the_soonest() =>
        Assert.Single((await SearchAsync(new() { Budget = TimeSpan.FromTicks(1), Folds = 3 })).Trials);

    [Fact]
    public async Task What_cannot_be_searched_is_refused_before_any_training()
    {
        await RefusedAsync(Options with { MostTrials = null }, "Nothing limits the search");
        await RefusedAsync(Options with { MostTrials = 0 }, "0 trials were asked for");
        await RefusedAsync(Options with { Budget = TimeSpan.Zero }, "must be above zero");
        await RefusedAsync(Options with { Folds = 1 }, "1 folds of 400 rows");
        await RefusedAsync(Options with { Seed = -1 }, "The seed -1");
        var one = await Assert.ThrowsAsync<ArgumentException>(
            () => HardnessSearch.RunAsync(PlantedHardness.Factors(), new bool[PlantedHardness.Rows], PlantedHardness.Groups, Options));
        Assert.Contains("none of them is hard for the search", one.Message, StringComparison.Ordinal);
    }

    /// <summary>A smooth hill in a corner of the cube that is far from the start: the walk climbs it, in fewer turns than drawing at random needs.</summary>
    [Fact]
    public void The_walk_climbs_a_hill_that_random_points_miss()
    {
        double[] top = [0.9, 0.8, 0.7, 0.9];
        double Height(double[] point) => -Math.Sqrt(point.Zip(top, (x, y) => (x - y) * (x - y)).Sum());
        var random = new Unlearn.Transforms.SeededRandom(5);
        var drawn = Enumerable.Range(0, 150).Max(_ => Height([.. top.Select(_ => random.NextDouble())]));
        double[] climbed =
        [
            .. Enumerable.Range(0, 5).Select(seed =>
            {
                var walk = new FrugalWalk(new double[4], seed);
                var best = double.NegativeInfinity;
                for (var turn = 0; turn < 150; turn++)
                {
                    var point = walk.Propose();
                    Assert.All(point, x => Assert.InRange(x, 0, 1));
                    walk.Tell(Height(point));
                    best = Math.Max(best, Height(point));
                }
                return best;
            }),
        ];
        Assert.True(climbed.Order().ElementAt(2) > drawn, $"climbed {string.Join(", ", climbed)}, drawn {drawn}");
        Assert.All(climbed, height => Assert.InRange(height, -0.2, 0));
    }

    private static (int, string, double, bool) WithoutTime(HardnessTrial trial) => (trial.Number, trial.Trainer, trial.Auc, trial.IsBest);

    private static async Task RefusedAsync(HardnessSearchOptions options, string reason) =>
        Assert.Contains(reason, (await Assert.ThrowsAsync<ArgumentException>(() => SearchAsync(options))).Message, StringComparison.Ordinal);

    private static Task<HardnessSearchResult> SearchAsync(
        HardnessSearchOptions options, IProgress<HardnessTrial>? progress = null, CancellationToken cancellationToken = default) =>
        HardnessSearch.RunAsync(PlantedHardness.Factors(), PlantedHardness.Labels(1), PlantedHardness.Groups, options, progress, cancellationToken);

    private sealed class Stopper(int count, CancellationTokenSource stop) : IProgress<HardnessTrial>
    {
        public List<HardnessTrial> Trials { get; } = [];

        public void Report(HardnessTrial value)
        {
            Trials.Add(value);
            if (Trials.Count == count)
                stop.Cancel();
        }
    }
}
