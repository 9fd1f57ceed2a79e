namespace Unlearn.Benchmarks.Trials;

/// <summary>
/// Times retraining trials by the engine with one and two workers, and the trainings alone, one by one and in stacks; all in turn, so that they share
/// what else the machine does.
/// </summary>
internal static class TrainingBenchmark
{
    public static (IReadOnlyList<TrainingFigures> Trainings, Sample TwoWorkers, IReadOnlyDictionary<string, Sample> Stacked) Run(string[] recipes, int repeats)
    {
        List<TrainingFigures> figures = [];
        var twoWorkers = new Sample();
        Dictionary<string, Sample> stacked = [];
        foreach (var name in recipes)
        {
            using var recipe = BenchmarkRecipe.Create(name);
            (string Mode, Action Run, Sample Seconds)[] modes =
            [
                ("workers1", () => recipe.RunByEngine(1), new()), ("workers2", () => recipe.RunByEngine(2), new()),
                ("single", () => recipe.Train(inStacks: false), new()), ("stacked", () => recipe.Train(inStacks: true), new()),
            ];
            stacked[name] = new();
            for (var repeat = -BenchmarkRecipe.WarmUps; repeat < repeats; repeat++)
            {
                double[] seconds = [.. modes.Select(mode => Clock.Seconds(mode.Run))];
                if (repeat < 0)
                    continue;
                foreach (var (mode, value) in modes.Zip(seconds))
                    mode.Seconds.Add(value);
                twoWorkers.Add(seconds[0] / seconds[1]);
                stacked[name].Add(seconds[2] / seconds[3]);
            }
            Console.Error.WriteLine($"{name}: two workers to one {twoWorkers.Median:0.00}, stacked to single {stacked[name].Median:0.00}");
            var trials = recipe.Plan.Trials.Count;
            figures.AddRange(modes.Select(mode =>
                new TrainingFigures(name, mode.Mode, 60 * trials / mode.Seconds.Median, 60 * trials / mode.Seconds.High, 60 * trials / mode.Seconds.Low)));
        }
        return (figures, twoWorkers, stacked);
    }
}
