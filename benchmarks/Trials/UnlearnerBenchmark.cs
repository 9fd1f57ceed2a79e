using System.Globalization;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Trials;

/// <summary>Costs and retrain gaps of all unlearners, on small images that a CNN of 1,000 parameters learns.</summary>
internal static class UnlearnerBenchmark
{
    private const int Size = 8;
    private const int Classes = 4;
    private const int RowCount = 400;
    private const int Retrainings = 16;
    private const int Trials = 4;

    public static IReadOnlyList<UnlearnerFigures> Run()
    {
        var recipe = new TorchRecipe(TorchArchitecture.SmallCnn(1, Size, Size, Classes, [4, 8, 16])) { Epochs = 15, BatchSize = 32, Device = TorchDevice.Cpu };
        using var rows = Images();
        using var target = recipe.Train(rows, Enumerable.Range(0, RowCount).ToArray(), seed: 1);
        var subject = new TrialSubject(target, recipe, rows, testRows: null, TimeProvider.System);
        var retrained =
            Outcomes(subject, new ExactRetraining(), Plan(new ExactRetraining(), recipe, rows, Retrainings, 0.3, seed: 1)).SelectMany(result => result.Outcomes)
                .GroupBy(outcome => outcome.RowId).ToDictionary(
                    ofRow => ofRow.Key, ofRow => ofRow.Average(outcome => outcome.ConfidenceAfter), StringComparer.Ordinal);

        List<UnlearnerFigures> figures = [];
        var exactSeconds = 0.0;
        foreach (var unlearner in KnownUnlearners.All)
        {
            var results = Outcomes(subject, unlearner, Plan(unlearner, recipe, rows, Trials, 0.1, seed: 2));
            var seconds = new Sample();
            foreach (var result in results)
                seconds.Add(result.Seconds);
            if (unlearner.MakesRetrainPool)
                exactSeconds = seconds.Median;
            figures.Add(new(unlearner.Name, seconds.Median / exactSeconds, results.SelectMany(result => result.Outcomes)
                .Where(outcome => retrained.ContainsKey(outcome.RowId))
                .Average(outcome => Math.Abs(outcome.ConfidenceAfter - retrained[outcome.RowId]))));
        }
        return figures;
    }

    private static TrialPlan Plan(IUnlearner unlearner, TorchRecipe recipe, TrainingRows rows, int trials, double share, long seed) =>
        TrialPlanner.Plan(unlearner.Name, TrialContext.Of(unlearner, recipe, 1, rows, null), rows.Ids, trials, share, seed);

    private static List<TrialResult> Outcomes(TrialSubject subject, IUnlearner unlearner, TrialPlan plan) =>
        [.. plan.Trials.Select(trial => subject.Run(unlearner, trial, CancellationToken.None))];

    // A bright line whose place tells the class, in noise that hides it from time to time.
    private static TrainingRows Images()
    {
        var random = new SeededRandom(1);
        var features = new float[RowCount * Size * Size];
        for (var i = 0; i < features.Length; i++)
            features[i] = (float)(random.NextDouble() * 2 - 1) + (i / Size % Size % Classes == i / (Size * Size) % Classes ? 0.35f : 0);
        return new([.. Enumerable.Range(0, RowCount).Select(row => row.ToString(CultureInfo.InvariantCulture))], features, Size * Size,
            [.. Enumerable.Range(0, RowCount).Select(row => (long)(row % Classes))], Classes);
    }
}
