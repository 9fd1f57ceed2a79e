using Spectre.Console;
using Unlearn.MLNet.Tests.Hardness.Prediction;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>Tries many damaged files, and tells what was not refused as it should be.</summary>
internal static class FuzzBenchmark
{
    private const int MostShown = 50;

    /// <summary>Models that give factors, and models that predict hardness from them.</summary>
    public static readonly string[] Models = ["factors", "hardness"];

    /// <summary>Tries damaged files.</summary>
    /// <param name="models">One of <see cref="Models"/>.</param>
    /// <param name="first">Number of the first file: a file follows from its number and the seed.</param>
    /// <param name="cases">Number of files.</param>
    /// <param name="seed">Seed.</param>
    /// <returns>0 if all held, else 1.</returns>
    public static int Run(string models, int first, int cases, int seed)
    {
        var fuzz = new ModelFuzz(models == Models[0]
            ? [.. FuzzSubject.Names.Select(FuzzSubject.Create)]
            : [.. HardnessSubject.Names.Select(HardnessSubject.Create)]);
        List<ModelFuzz.Case> done = [];
        for (var number = first; number < first + cases; number++)
        {
            var tried = fuzz.Run(number, seed);
            done.Add(tried);
            if (tried.Failure is { } failure && done.Count(earlier => earlier.Failure is not null) <= MostShown)
                Console.WriteLine(Invariant($"case {number}, {tried.What}: {failure}"));
        }
        var table = new Table().AddColumns("damage", "cases", "refused", "works", "did not hold", "slowest, s", "most memory, MB");
        foreach (var group in done.GroupBy(tried => tried.Kind))
            table.AddRow(
                group.Key, Invariant($"{group.Count()}"), Invariant($"{group.Count(tried => tried.IsRefused)}"),
                Invariant($"{group.Count(tried => !tried.IsRefused)}"),
                Invariant($"{group.Count(tried => tried.Failure is not null)}"), Invariant($"{group.Max(tried => tried.Seconds):0.00}"),
                Invariant($"{group.Max(tried => tried.Bytes) / 1e6:0.0}"));
        AnsiConsole.Write(table);
        return done.Exists(tried => tried.Failure is not null) ? 1 : 0;
    }
}
