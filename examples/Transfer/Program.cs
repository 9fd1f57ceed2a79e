using System.CommandLine;
using Spectre.Console;
using Unlearn.Examples.Transfer;
using Unlearn.MLNet;

Argument<string[]> folders = new("folders") { Description = "Output folders of two studies or more.", Arity = ArgumentArity.OneOrMore };
Option<string[]> unlearners = new("--unlearners") { Description = "Unlearners whose labels are predicted, each in a table of its own.", DefaultValueFactory = _ => ["EU", "FT", "SISA"], AllowMultipleArgumentsPerToken = true };
Option<string?> output = new("--out") { Description = "Folder that the matrices are also written to: transfer.json, and a chart of each unlearner. Default none." };
Option<int> seed = new("--seed") { Description = "Seed of folds and models.", DefaultValueFactory = _ => 1 };
RootCommand command = new("Trains a hardness model on the rows of one study and tests it on those of another.") { folders, unlearners, output, seed };
command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(parsed.GetValue(folders)!, parsed.GetValue(unlearners)!, parsed.GetValue(output), parsed.GetValue(seed), cancellationToken), cancellationToken));
return await command.Parse(args).InvokeAsync();

static int Run(string[] folders, string[] unlearners, string? output, int seed, CancellationToken cancellationToken)
{
    try
    {
        List<(string Unlearner, TransferMatrix Matrix)> found = [];
        foreach (var unlearner in unlearners)
        {
            found.Add((unlearner, DataSetTransfer.Evaluate([.. folders.Select(folder => StudyFolder.Read(folder, unlearner))], new HardnessOptions { Workers = Environment.ProcessorCount }, seed, cancellationToken)));
            Write(unlearner, found[^1].Matrix);
        }
        if (output is not null)
            TransferFolder.Write(output, found);
        return 0;
    }
    catch (Exception failure) when (failure is IOException or InvalidDataException or ArgumentException)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]{failure.Message}[/]");
        return 1;
    }
}

static void Write(string unlearner, TransferMatrix matrix)
{
    Console.WriteLine($"{unlearner}: AUC of the hardest 20 %, trained on the line, tested on the column; a study on itself is cross-validated");
    foreach (var (line, name) in matrix.Names.Index())
        Console.WriteLine($"{name,-48} {string.Join("  ", matrix.Auc[line].Select(auc => Invariant($"{auc.Value:0.000} [{auc.Low:0.000}, {auc.High:0.000}]")))}");
}
