using System.CommandLine;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn transfer</c>: hardness models of one study, tested on the rows of another.</summary>
internal sealed class TransferCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private readonly Argument<string[]> _folders = new("FOLDERS") { Description = "Output folders of two studies or more.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _unlearners = new("--unlearners")
    {
        Description = "Unlearners whose labels are predicted, each in a table of its own. Default EU, FT and SISA.",
        HelpName = "A B",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _output = new("--out")
    {
        Description = "Folder that the matrices are also written to: transfer.json, and a chart of each unlearner. Default none.",
        HelpName = "FOLDER",
    };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of folds and models. Default 1.", HelpName = "N", DefaultValueFactory = _ => 1 };

    protected override string Name => "transfer";

    protected override string Description => "Trains a hardness model on the rows of one study and tests it on those of another.";

    protected override void AddArguments(Command command)
    {
        command.Add(_folders);
        command.Add(_unlearners);
        command.Add(_output);
        command.Add(_seed);
    }

    protected override Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        List<(string Unlearner, TransferMatrix Matrix)> found = [];
        string[] names = parsed.GetValue(_unlearners) is { Length: > 0 } named
            ? [.. named.SelectMany(name => name.Split(','))]
            : UnlearnerNames.Three.Split(',');
        foreach (var unlearner in names)
        {
            found.Add((unlearner, DataSetTransfer.Evaluate([.. parsed.GetValue(_folders)!.Select(folder => StudyFolder.Read(folder, unlearner))],
                new HardnessOptions { Workers = Environment.ProcessorCount }, parsed.GetValue(_seed), cancellationToken)));
            Show(unlearner, found[^1].Matrix);
        }
        Screen.Json(TransferFolder.Content(found));
        if (parsed.GetValue(_output) is { } output)
            TransferFolder.Write(output, found);
        return Task.FromResult(ExitCodes.Success);
    }

    private void Show(string unlearner, TransferMatrix matrix)
    {
        Screen.Say($"{unlearner}: AUC of the hardest 20 %, trained on the line, tested on the column; a study on itself is cross-validated");
        foreach (var (line, name) in matrix.Names.Index())
            Screen.Result(
                $"{name,-48} {string.Join("  ", matrix.Auc[line].Select(auc => Invariant($"{auc.Value:0.000} [{auc.Low:0.000}, {auc.High:0.000}]")))}");
    }
}
