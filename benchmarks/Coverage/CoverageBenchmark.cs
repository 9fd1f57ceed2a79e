using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Examples;
using Unlearn.Examples.AdultIncome;
using Unlearn.Examples.FashionMnist;
using Unlearn.Examples.ImdbReviews;
using Unlearn.MLNet;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.Benchmarks.Coverage;

/// <summary>Whether the bounds of hardness models hold on real labels: half of the labeled rows train and calibrate, the other half is looked at.</summary>
internal static class CoverageBenchmark
{
    private const double Confidence = 0.9;

    public static string[] DataSets => ["adult", "fashion-mnist", "imdb"];

    public static async Task<int> RunAsync(string dataSet, string? path, int rows, int splits, int maximumTrials, int seed)
    {
        TorchRuntime.KeepFreedMemory();
        StudyExample example = dataSet switch { "adult" => new AdultStudy(), "imdb" => new ImdbStudy(), _ => new FashionMnistStudy() };
        List<string> line = ["--rows", Invariant($"{rows}"), "--seed", Invariant($"{seed}")];
        if (path is not null)
            line.AddRange(["--data", path]);
        return await StudyCommand.Create(example, async (settings, cancellationToken) =>
        {
            var data = example.Load(settings);
            await MeasureAsync(dataSet, data.Rows, example.Recipe(settings, data), splits, maximumTrials, seed, cancellationToken);
            return 0;
        }).Parse(line).InvokeAsync();
    }

    private static async Task MeasureAsync(
        string dataSet, TrainingRows rows, ITrainingRecipe recipe, int splits, int maximumTrials, int seed, CancellationToken cancellationToken)
    {
        var context = new MLContext(seed);
        var view = rows.ToDataView(context);
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed, cancellationToken: cancellationToken);
        var labels = await context.Data.LabelUnlearningHardnessAsync(view, new HardnessLabelingOptions
        {
            Recipe = recipe, Unlearners = [new ExactRetraining(), new FineTuning(), new SalUn()], TargetSeed = seed, MaximumTrials = maximumTrials, Seed = seed,
        }, cancellationToken: cancellationToken);
        using var factors = context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(view);
        var described = context.Data.Cache(factors.Transform(view));
        var groups = NearDuplicateGroups.Of(rows, target, cancellationToken: cancellationToken);
        var tolerance = labels.GetColumn<float>("ResidualMemoryTolerance").First();
        var memories = Methods.ToDictionary(name => name, name => Of(labels, $"{name}.ResidualMemory"));
        Console.WriteLine(Invariant($"{dataSet}: {rows.Count} rows, {splits} splits, confidence {Confidence}, tolerance {tolerance:0.00}"));
        Console.WriteLine("| method | coverage | lowest third | middle third | highest third, by predicted memory | safe rows | of these above the tolerance | "
            + "rows above it |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        Dictionary<string, List<double[]>> found = Methods.ToDictionary(name => name, _ => new List<double[]>());
        for (var split = 0; split < splits; split++)
        {
            // Near-duplicates lie on one side.
            int[] order = [.. Enumerable.Range(0, groups.Max() + 1)];
            new SeededRandom(Seed.Derive(seed, "coverage", split)).Shuffle<int>(order);
            var training = order.Take(order.Length / 2).ToHashSet();
            var known =
                Enumerable.Range(0, rows.Count).Where(row => training.Contains(groups[row])).Select(row => rows.Ids[row]).ToHashSet(StringComparer.Ordinal);
            var model = context.Transforms.UnlearningHardness(Only(labels, known), new() { Confidence = Confidence, Seed = seed + split }).Fit(described);
            var predicted = model.Transform(described);
            string[] ids = [.. predicted.GetColumn<string>("RowId")];
            foreach (var name in Methods)
                found[name].Add(Figures(
                    [.. Enumerable.Range(0, ids.Length).Where(row => !known.Contains(ids[row]))], ids, memories[name],
                    [.. predicted.GetColumn<float>($"{name}.PredictedResidualMemory")],
                    [.. predicted.GetColumn<float>($"{name}.ResidualMemoryBound")], tolerance));
        }
        foreach (var (name, figures) in found)
            Console.WriteLine(
                $"| {name} | {string.Join(" | ", Enumerable.Range(0, figures[0].Length).Select(column => Show([.. figures.Select(of => of[column])])))} |");
    }

    private static readonly string[] Methods = ["nothing", "FT", "SalUn"];

    private static double[] Figures(int[] held, string[] ids, Dictionary<string, float> memory, float[] predicted, float[] bound, double tolerance)
    {
        int[] order = [.. held.OrderBy(row => predicted[row])];
        int[] safe = [.. held.Where(row => bound[row] <= tolerance)];
        return
        [
            Share(held, IsCovered),
            .. Enumerable.Range(0, 3).Select(third => Share(order[(third * order.Length / 3)..((third + 1) * order.Length / 3)], IsCovered)),
            safe.Length / (double)held.Length, Share(safe, IsAbove), Share(held, IsAbove),
        ];

        bool IsCovered(int row) => memory[ids[row]] <= bound[row];
        bool IsAbove(int row) => memory[ids[row]] > tolerance;
    }

    private static double Share(int[] rows, Func<int, bool> isCounted) => rows.Length == 0 ? double.NaN : rows.Count(isCounted) / (double)rows.Length;

    private static string Show(double[] values) => Invariant($"{values.Average():0.000} [{values.Min():0.000}, {values.Max():0.000}]");

    private static Dictionary<string, float> Of(IDataView labels, string column) =>
        labels.GetColumn<string>("RowId").Zip(labels.GetColumn<float>(column)).ToDictionary(row => row.First, row => row.Second, StringComparer.Ordinal);

    private static ColumnDataView Only(IDataView labels, HashSet<string> ids)
    {
        string[] all = [.. labels.GetColumn<string>("RowId")];
        int[] kept = [.. Enumerable.Range(0, all.Length).Where(row => ids.Contains(all[row]))];
        var view = new ColumnDataView(kept.Length);
        view.Add("RowId", [.. kept.Select(row => all[row].AsMemory())], TextDataViewType.Instance);
        foreach (var column in labels.Schema.Where(column => column.Name != "RowId"))
            if (column.Type == NumberDataViewType.Single)
                view.Add(column.Name, Kept(labels.GetColumn<float>(column)));
            else if (column.Type == BooleanDataViewType.Instance)
                view.Add(column.Name, Kept(labels.GetColumn<bool>(column)), BooleanDataViewType.Instance);
        return view;

        T[] Kept<T>(IEnumerable<T> values)
        {
            var array = values.ToArray();
            return Array.ConvertAll(kept, row => array[row]);
        }
    }
}
