using System.CommandLine;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.MLNet.Studies;

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
        List<FoundTransfer> found = [];
        var options = new HardnessOptions { Workers = Environment.ProcessorCount };
        string[] names = parsed.GetValue(_unlearners) is { Length: > 0 } named
            ? [.. named.SelectMany(name => name.Split(','))]
            : UnlearnerNames.Three.Split(',');
        foreach (var unlearner in names)
        {
            TransferDataSet[] sets = [.. parsed.GetValue(_folders)!.Select(folder => StudyFolder.Read(folder, unlearner))];
            var matrix = DataSetTransfer.Evaluate(sets, options, parsed.GetValue(_seed), cancellationToken);
            found.Add(new(unlearner, matrix, TargetStability.Of(sets, matrix, options.HardShare)));
            Show(unlearner, matrix);
            if (found[^1].Stability is { } stability)
                Show(stability);
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

    private void Show(TargetStability stability)
    {
        var labels = stability.Labels;
        Screen.Say($"The same rows with {labels.Runs} targets; in brackets what the noise of the scores allows at most");
        Screen.Result(Invariant($"{"Spearman of the scores",-48} {labels.Spearman:0.000} ({labels.SpearmanCeiling:0.000})"));
        Screen.Result(Invariant($"{"hard rows in common",-48} {labels.Overlap:0.0 %} ({labels.OverlapCeiling:0.0 %}), by chance {labels.Chance:0.0 %}"));
        var auc = stability.Auc;
        Screen.Result(Invariant($"{"AUC, mean and interval over targets",-48} {auc.Value:0.000} [{auc.Low:0.000}, {auc.High:0.000}]"));
    }
}
