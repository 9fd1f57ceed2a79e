namespace Unlearn.Benchmarks.Trials;

/// <summary>
/// Times retraining trials by the engine with one and two workers, and the trainings alone, one by one and in stacks; all in turn, so that they share
/// what else the machine does.
/// </summary>
internal static class TrainingBenchmark
{
    /// <summary>One worker's seconds over those of two.</summary>
    public const string TwoWorkers = "two workers to one";

    /// <summary>Seconds of single trainings over those of stacks.</summary>
    public const string Stacked = "stacked to single";

    /// <param name="recipes">Names of the recipes.</param>
    /// <param name="repeats">Repeats that count.</param>
    /// <param name="pyTorch">A loop to compare with; <see langword="null"/> for none.</param>
    /// <returns>Figures of each recipe and mode; seconds of one run over those of another, by what was divided.</returns>
    public static (IReadOnlyList<TrainingFigures> Trainings, IReadOnlyDictionary<string, Sample> Ratios) Run(
        string[] recipes, int repeats, PyTorchLoop? pyTorch)
    {
        List<TrainingFigures> figures = [];
        var ratios = new OrderedDictionary<string, Sample> { [TwoWorkers] = new() };
        foreach (var name in recipes)
        {
            using var recipe = BenchmarkRecipe.Create(name);
            List<(string Mode, Func<double> Seconds, Sample Sample)> modes =
            [
                ("workers1", () => Clock.Seconds(() => recipe.RunByEngine(1)), new()),
                ("workers2", () => Clock.Seconds(() => recipe.RunByEngine(2)), new()),
                ("single", () => Clock.Seconds(() => recipe.Train(inStacks: false)), new()),
                ("stacked", () => Clock.Seconds(() => recipe.Train(inStacks: true)), new()),
            ];
            if (pyTorch is not null && PyTorchLoop.Knows(name))
                modes.Add(("PyTorch", () => pyTorch.Seconds(recipe), new()));
            for (var repeat = -BenchmarkRecipe.WarmUps; repeat < repeats; repeat++)
            {
                double[] seconds = [.. modes.Select(mode => mode.Seconds())];
                if (repeat < 0)
                    continue;
                foreach (var (mode, value) in modes.Zip(seconds))
                    mode.Sample.Add(value);
                ratios[TwoWorkers].Add(seconds[0] / seconds[1]);
                Ratio($"{name}: {Stacked}").Add(seconds[2] / seconds[3]);
                foreach (var loop in seconds.Skip(4))
                {
                    Ratio($"{name}: stacked to PyTorch's loop").Add(loop / seconds[3]);
                    Ratio($"{name}: single to PyTorch's loop").Add(loop / seconds[2]);
                }
            }
            Console.Error.WriteLine(string.Join(", ", ratios.Where(ratio => ratio.Key == TwoWorkers || ratio.Key.StartsWith(name, StringComparison.Ordinal))
                .Select(ratio => Invariant($"{ratio.Key} {ratio.Value.Median:0.00}"))));
            var trials = recipe.Plan.Trials.Count;
            figures.AddRange(modes.Select(mode =>
                new TrainingFigures(name, mode.Mode, 60 * trials / mode.Sample.Median, 60 * trials / mode.Sample.High, 60 * trials / mode.Sample.Low)));
        }
        return (figures, ratios);

        Sample Ratio(string what) => ratios.TryGetValue(what, out var sample) ? sample : ratios[what] = new();
    }
}
