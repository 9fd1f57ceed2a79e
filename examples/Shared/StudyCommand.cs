using System.CommandLine;
using System.CommandLine.Parsing;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;

namespace Unlearn.Examples;

/// <summary>A study's command line: its options, and what runs when they are in order.</summary>
internal static class StudyCommand
{
    private const int FewestReferenceModels = 4;

    public static RootCommand Create(StudyExample example, Func<StudySettings, CancellationToken, Task<int>> run)
    {
        var rows = new Option<int?>("--rows") { Description = $"Training rows, all of them audited. {example.Rows}" };
        var trials = new Option<int?>("--trials") { Description = $"Trials of each unlearner, an even number. {UnlearnerPlans.Describe(example)}" };
        var seed = new Option<int>("--seed") { Description = "Root seed.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers")
        {
            Description = "Trials, or stacks of them, at once, a core each. It changes the time, never the results.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var isShort = new Option<bool>("--short") { Description = "A small run of less than a minute." };
        var isFull = new Option<bool>("--full") { Description = "A larger run, of more rows and unlearners; after a stop, the same command goes on." };
        var unlearners = new Option<string?>("--unlearners") { Description =
            $"Unlearners, separated by commas, of {string.Join(", ", KnownUnlearners.All.Select(unlearner => unlearner.Name))}. {example.Unlearners}" };
        var references = new Option<int>("--reference-models")
        {
            Description = $"Models trained on half of the rows each, at least {FewestReferenceModels}, that add the factors of tier T3. Default none.",
        };
        var trainer = new Option<string>("--trainer") { Description = TrainerNames.Description, DefaultValueFactory = _ => TrainerNames.FastTree };
        trainer.AcceptOnlyFromAmong(TrainerNames.All);
        var singleRows = new Option<int?>("--single-rows") { Description = $"Rows that {string.Join(" and ", example.SingleRowUnlearners)} also forget one at "
            + $"a time, to compare with groups; 0 for none. {example.SingleRows}" };
        var retryFailed = new Option<bool>("--retry-failed") { Description = "Tries trials again that failed in an earlier run." };
        var output = new Option<string?>("--out")
        {
            Description = "Output folder; finished trials are kept there, of one study only. Default named after the study and its size.",
        };
        var data = new Option<string>("--data") { Description = example.DataDescription, DefaultValueFactory = _ => example.DefaultData };
        rows.Validators.Add(result => AtLeast(result, result.GetValueOrDefault<int?>(), 100));
        trials.Validators.Add(result => AtLeast(result, result.GetValueOrDefault<int?>(), 2));
        workers.Validators.Add(result => AtLeast(result, result.GetValueOrDefault<int>(), 1));
        references.Validators.Add(result => AtLeast(result, result.GetValueOrDefault<int>(), FewestReferenceModels));
        singleRows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is > 0 and < SingleRowOptions.FewestRows)
                result.AddError($"--single-rows must be at least {SingleRowOptions.FewestRows}, or 0.");
        });
        unlearners.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } names && UnlearnerNames.Refusal(names) is { } refusal)
                result.AddError(refusal);
        });

        var command = new RootCommand(example.Description)
        {
            rows,
            trials,
            seed,
            workers,
            isShort,
            isFull,
            unlearners,
            references,
            trainer,
            singleRows,
            retryFailed,
            output,
            data,
        };
        foreach (var option in example.Options)
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(isShort) && result.GetValue(isFull))
                result.AddError("--short and --full exclude each other.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var size = parsed.GetValue(isShort) ? StudySize.Small : parsed.GetValue(isFull) ? StudySize.Full : StudySize.Usual;
            return run(
                new(
                    parsed,
                    size,
                    parsed.GetValue(rows) ?? example.Rows.Of(size),
                    example.TestRows.Of(size),
                    parsed.GetValue(trials),
                    UnlearnerNames.Find(parsed.GetValue(unlearners) ?? example.UnlearnersOf(parsed, size)),
                    parsed.GetValue(references),
                    TrainerNames.Options(parsed.GetValue(trainer)!, parsed.GetValue(seed)),
                    parsed.GetValue(singleRows) ?? example.SingleRows.Of(size),
                    parsed.GetValue(seed),
                    parsed.GetValue(workers),
                    parsed.GetValue(retryFailed),
                    parsed.GetValue(output) ?? example.OutputName(parsed) + new BySize<string>("-short-out", "-out", "-full-out").Of(size),
                    parsed.GetValue(data)!),
                cancellationToken);
        });
        return command;
    }

    private static void AtLeast(OptionResult result, int? value, int least)
    {
        if (value < least)
            result.AddError($"{result.Option.Name} must be at least {least}.");
    }
}
