using System.CommandLine;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.Examples.AdultIncome;
using Unlearn.Examples.FashionMnist;
using Unlearn.Examples.ImdbReviews;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>The value study's command line.</summary>
internal static class ErasureCommand
{
    private static readonly Dictionary<string, StudyExample> Examples = new(StringComparer.Ordinal)
    {
        ["fashion"] = new FashionMnistStudy(),
        ["imdb"] = new ImdbStudy(),
        ["adult"] = new AdultStudy(),
    };

    public static Task<int> RunAsync(string[] args)
    {
        TorchRuntime.KeepFreedMemory();
        return Create(new Screen(Console.Out, Console.Error, !Console.IsOutputRedirected)).Parse(args).InvokeAsync();
    }

    public static RootCommand Create(Screen screen)
    {
        var dataSet = new Option<string>("--data-set") { Description = "fashion, imdb or adult.", DefaultValueFactory = _ => "fashion" };
        dataSet.AcceptOnlyFromAmong([.. Examples.Keys]);
        var data = new Option<string?>("--data") { Description = "Where the data are, if not at the default place of the data set's own example." };
        var isShort = new Option<bool>("--short") { Description = "A small run of about a minute." };
        var rows = new Option<int?>("--rows") { Description = "Training rows. Default 2000, short 500." };
        var requests = new Option<int?>("--requests") { Description = "Requests of the stream. Default 200, short 30." };
        var seed = new Option<int>("--seed") { Description = "Root seed.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers")
        {
            Description = "Label trials and judging models at once, a core each. What policies are charged for runs alone.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var sisa = new Option<bool>("--sisa") { Description = "The costs of the same stream with SISA alone: no labels, no policies." };
        var output = new Option<string?>("--out") { Description = "Output folder. Default named after the data set and the size." };
        rows.Validators.Add(result => AtLeast(result.GetValueOrDefault<int?>(), 400, result.AddError, "--rows"));
        requests.Validators.Add(result => AtLeast(result.GetValueOrDefault<int?>(), 8, result.AddError, "--requests"));
        workers.Validators.Add(result => AtLeast(result.GetValueOrDefault<int>(), 1, result.AddError, "--workers"));
        var command = new RootCommand("Compares policies for erasure requests: what they cost, and what remains of the erased rows.")
        {
            dataSet, data, isShort, rows, requests, seed, workers, sisa, output,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(dataSet)!;
            var small = parsed.GetValue(isShort);
            var settings = new ValueSettings(
                parsed.GetValue(requests) ?? (small ? 30 : 200), small ? 2 : 10, small ? 6 : 24, parsed.GetValue(seed), parsed.GetValue(workers));
            var folder = parsed.GetValue(output) ?? $"erasure-{name}{(small ? "-short" : "")}-out";
            return screen.RunAsync(() => Screen.DescribeStop(null), () => Task.Run(RunAsync, CancellationToken.None), cancellationToken);

            async Task<int> RunAsync()
            {
                var example = Examples[name];
                var of = Settings(example, settings, small, parsed.GetValue(rows) ?? (small ? 500 : 2000), parsed.GetValue(data));
                using var loaded = example.Load(of);
                if (parsed.GetValue(sisa))
                {
                    var costs = new SisaStudy(loaded, (TorchRecipe)example.Recipe(of, loaded), settings);
                    screen.Say(await TorchThreads.RunAsync("SISA", () => costs.Run(screen.Say, cancellationToken)).ConfigureAwait(false));
                    return ExitCodes.Success;
                }
                var study = new ValueStudy(loaded, (TorchRecipe)example.Recipe(of, loaded), settings, screen.Say);
                var result = await ConsoleProgress.RunAsync(
                    screen, progress => study.RunAsync(progress, soFar => ValueFiles.Write(folder, soFar), cancellationToken)).ConfigureAwait(false);
                screen.Say(PolicyTable.Markdown(result));
                screen.Result(Path.Combine(folder, ValueFiles.Chart));
                return ExitCodes.Success;
            }
        });
        return command;
    }

    // The data sets' own examples read and train as their command lines tell them.
    private static StudySettings Settings(StudyExample example, ValueSettings settings, bool isShort, int rows, string? data)
    {
        StudySettings? found = null;
        string[] args =
        [
            "--rows", Invariant($"{rows}"), "--seed", Invariant($"{settings.Seed}"), .. (string[])(isShort ? ["--short"] : []),
            .. (string[])(data is null ? [] : ["--data", data]),
        ];
        StudyCommand.Create(example, (study, _) =>
        {
            found = study;
            return Task.FromResult(ExitCodes.Success);
        }).Parse(args).Invoke();
        return found!;
    }

    private static void AtLeast(int? value, int least, Action<string> refuse, string name)
    {
        if (value < least)
            refuse($"{name} must be at least {least}.");
    }
}
