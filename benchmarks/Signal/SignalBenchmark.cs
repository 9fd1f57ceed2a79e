using System.Text.Json;
using System.Text.Json.Serialization;
using TorchSharp;
using Unlearn.Examples;
using Unlearn.Examples.AdultIncome;
using Unlearn.Examples.Cifar10;
using Unlearn.Examples.FashionMnist;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Signal;

/// <summary>How much signal a trial carries: the oracle ceiling of EU's labels at equal processor time, for orders of batches and forget shares.</summary>
internal static class SignalBenchmark
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string[] DataSets => ["adult", "fashion-mnist", "cifar10"];

    public static async Task<int> RunAsync(string[] dataSets, string[] schemes, double[] shares, int rows, int trainings, int extra, int seed, FileInfo? json)
    {
        TorchRuntime.KeepFreedMemory();
        torch.set_num_threads(1);
        Clock.CountsProcessorTime = true;
        Dictionary<string, object> figures = [];
        foreach (var name in dataSets)
        {
            StudyExample example = name switch { "adult" => new AdultStudy(), "cifar10" => new CifarStudy(), _ => new FashionMnistStudy() };
            var status = await StudyCommand.Create(example, (settings, _) =>
            {
                var data = example.Load(settings);
                using var experiment = new SignalExperiment(data.Rows, data.TestRows, (TorchRecipe)example.Recipe(settings, data), Seed.Derive(seed, "signal"));
                figures[name] = Run(name, experiment, schemes, shares, trainings, extra);
                return Task.FromResult(0);
            }).Parse(["--rows", Invariant($"{rows}"), "--seed", Invariant($"{seed}")]).InvokeAsync();
            if (status != 0)
                return status;
        }
        if (json is not null)
            await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(figures, Json));
        return 0;
    }

    private static List<object> Run(string name, SignalExperiment experiment, string[] schemes, double[] shares, int trainings, int extra)
    {
        var (train, test) = experiment.TargetAccuracy();
        Console.WriteLine(Invariant($"{name}: target's accuracy {train:0.000} on training rows, {test:0.000} on test rows"));
        Console.WriteLine("| retrained models | share | test accuracy | processor s | reliability | oracle ceiling | at equal time | measured ceiling | ρ with "
            + "own seeds, this share | ρ with own seeds, first share |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        List<object> lines = [];
        // What a scheme is compared with: own seeds, on the same target, which a shuffled or a keyed order has trained.
        Dictionary<(bool IsShuffled, double Share), SignalFigures> own = [];
        foreach (var scheme in SignalScheme.All.Where(scheme => schemes.Contains(scheme.Name)))
            foreach (var share in shares)
            {
                var found = experiment.Run(scheme, share, trainings);
                if (!scheme.SharesSeed)
                    own[(scheme.IsShuffled, share)] = found;
                var same = own.TryGetValue((scheme.IsShuffled, share), out var ofShare) && ofShare != found ? found.CorrelationWith(ofShare) : double.NaN;
                var measured = extra > 0 ? found.MeasuredCeiling(experiment.Run(scheme, share, extra, draw: 1)) : double.NaN;
                var (first, time) = own.TryGetValue((scheme.IsShuffled, shares[0]), out var reference)
                    ? (reference == found ? double.NaN : found.CorrelationWith(reference), found.OracleAt(reference.Seconds))
                    : (double.NaN, double.NaN);
                Console.WriteLine(Invariant($"| {found.Scheme} | {share} | {found.TestAccuracy:0.000} | {found.Seconds:0.0} | {found.Reliability:0.000} | ")
                    + Invariant($"{found.OracleAt(found.Seconds):0.000} | {time:0.000} | {measured:0.000} | {same:0.00} | {first:0.00} |"));
                lines.Add(new
                {
                    found.Scheme,
                    share,
                    found.TestAccuracy,
                    found.Seconds,
                    found.Reliability,
                    oracle = found.OracleAt(found.Seconds),
                    oracleAtEqualTime = time,
                    measuredCeiling = measured,
                    correlation = same,
                    correlationWithFirstShare = first,
                });
            }
        return lines;
    }
}
