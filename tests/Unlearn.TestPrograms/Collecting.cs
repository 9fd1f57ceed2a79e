using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;
using Unlearn.Transforms.Tests.Factors;

namespace Unlearn.TestPrograms;

/// <summary>
/// Trains, fits and computes factors and unlearns over and over while another thread collects memory each millisecond. It prints how often it did so, how
/// many collections there were, how often work was run again and how many different results came out.
/// </summary>
internal static class Collecting
{
    public static void Run(int seconds)
    {
        var clock = Stopwatch.StartNew();
        var ends = false;
        var collections = GC.CollectionCount(0);
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref ends))
            {
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        collector.Start();
        var rounds = 0;
        HashSet<string> results = [];
        try
        {
            for (; rounds == 0 || clock.Elapsed.TotalSeconds < seconds; rounds++)
                results.Add(string.Join(' ', Round()));
        }
        finally
        {
            Volatile.Write(ref ends, true);
            collector.Join();
        }
        Console.WriteLine($"{rounds} {GC.CollectionCount(0) - collections} {EarlyCollection.Repetitions} {results.Count}");
    }

    // The bits of a result are the same each time.
    private static IEnumerable<double> Round()
    {
        var recipe = TinyStudy.Recipe with { Stack = 4, WeightDecay = 1e-3 };
        using var rows = TinyStudy.Rows(60);
        var all = Enumerable.Range(0, rows.Count).ToArray();
        var stack = Enumerable.Range(0, recipe.Stack).Select(seed => new TrainingSpec { Positions = all, Seed = seed }).ToList();
        foreach (var stacked in recipe.TrainMany(rows, stack))
            using (stacked)
                yield return Sum(stacked, rows);
        using var target = recipe.TrainWithGradientTrace(rows, all, seed: 1);
        var factors = FactorFit.Fit(target, rows, HardnessFactors.DefaultFor(target));
        foreach (var values in factors.Compute(FactorFit.Rows(rows)))
            yield return values.Where(float.IsFinite).Sum(value => (double)value);
        foreach (var unlearner in KnownUnlearners.All.Where(unlearner => unlearner is not ConvolutionTranspose)) // it needs convolutions
        {
            using var unlearned = unlearner.Unlearn(new UnlearningRequest(target, recipe, rows, [4, 7, 20], seed: 2), CancellationToken.None);
            yield return Sum(unlearned.Model, rows);
        }
    }

    private static double Sum(ITarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return model.Logits(rows.Features).data<float>().Sum(logit => (double)logit);
    }
}
