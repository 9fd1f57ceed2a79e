using System.CommandLine;

namespace Unlearn.Examples.FashionMnist;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings(int Rows, int TestRows, int Trials, int Seed, int Workers, bool Short, bool RetryFailed, string Output, string Data)
{
    /// <summary>The command line: its options, and what runs when they are in order.</summary>
    public static RootCommand Command(Func<Settings, CancellationToken, Task<int>> run)
    {
        var rows = new Option<int?>("--rows") { Description = "Training rows, all of them audited. Default 3000, short 1000." };
        var trials = new Option<int?>("--trials") { Description = "Trials of each unlearner, an even number. Default 40 EU, 60 FT and 20 SISA; short 8, 20 and 8." };
        var seed = new Option<int>("--seed") { Description = "Root seed.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { Description = "Trials at once, a core each. It changes the time, never the results.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var isShort = new Option<bool>("--short") { Description = "A small run of less than a minute." };
        var retryFailed = new Option<bool>("--retry-failed") { Description = "Tries trials again that failed in an earlier run." };
        var output = new Option<string?>("--out") { Description = "Output folder; finished trials are kept there, of one study only. Default fashion-mnist-out, short fashion-mnist-short-out." };
        var data = new Option<string>("--data") { Description = "Folder of Fashion-MNIST's idx files, if not the subset that comes along.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "data") };
        foreach (var (option, least) in new[] { (rows, 100), (trials, 2) })
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() < least)
                    result.AddError($"{option.Name} must be at least {least}.");
            });
        workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--workers must be at least 1.");
        });
        var command = new RootCommand("Predicts how hard Fashion-MNIST's training rows are to unlearn, and checks it by really unlearning them.") { rows, trials, seed, workers, isShort, retryFailed, output, data };
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetValue(rows) ?? (parsed.GetValue(isShort) ? 1000 : 3000),
                parsed.GetValue(isShort) ? 500 : 1000,
                parsed.GetValue(trials) ?? 0,
                parsed.GetValue(seed),
                parsed.GetValue(workers),
                parsed.GetValue(isShort),
                parsed.GetValue(retryFailed),
                parsed.GetValue(output) ?? (parsed.GetValue(isShort) ? "fashion-mnist-short-out" : "fashion-mnist-out"),
                parsed.GetValue(data)!),
            cancellationToken));
        return command;
    }
}
