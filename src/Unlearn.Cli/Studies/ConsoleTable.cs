using System.Globalization;
using Spectre.Console;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>A study's result on the console.</summary>
internal static class ConsoleTable
{
    public static void Write(Screen screen, StudyResult result, string folder)
    {
        var table = new Table().Title($"How well hardness can be predicted: {Markup.Escape(result.Title)}").Border(TableBorder.Simple);
        foreach (var heading in new[] { "unlearner", "trials", "AUC [[95 %]]", "ceiling", "loss", "best factor", "undone" })
            table.AddColumn(new TableColumn(heading) { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
        foreach (var unlearner in result.Unlearners)
        {
            var evaluation = unlearner.Evaluation;
            table.AddRow(
                unlearner.Name,
                Text($"{unlearner.Trials}"),
                Text($"{evaluation.Auc.Value:0.000} [[{evaluation.Auc.Low:0.000}, {evaluation.Auc.High:0.000}]]"),
                Text($"{evaluation.Ceiling.Value:0.000}"),
                Text($"{evaluation.LossAuc:0.000}"),
                Text($"{evaluation.BestSingle.Auc:0.000} {evaluation.BestSingle.Factor}"),
                double.IsNaN(unlearner.UndoneShare) ? "" : Text($"{unlearner.UndoneShare:0 %}"));
        }
        if (result.Target.Warning is { } warning)
            screen.Say(warning);
        screen.Show(table);
        foreach (var failures in result.Unlearners.Select(unlearner => unlearner.DescribeFailures()).OfType<string>())
            screen.Say($"Left out: {failures} Try them again by --retry-failed.");
        foreach (var unlearner in result.Unlearners)
        {
            var subsets = unlearner.Evaluation.Subsets.Where(subset => subset.Kind is SubsetKind.Core or SubsetKind.Tier);
            screen.Say(
                $"{unlearner.Name}: {string.Join(", ", subsets.Select(subset => Text($"{subset.Name} {subset.Auc.Value:0.000}")))}; "
                + $"{string.Join("; ", unlearner.Evaluation.Verdicts)}.");
        }
        if (result.Agreement is { } agreement)
            screen.Say(
                Text($"Trained on the other unlearners: ")
                + Text($"{string.Join(", ", agreement.Transfer.Names.Zip(agreement.LeaveOneOut, (name, auc) => Text($"{name} {auc.Value:0.000}")))}. ")
                + Text($"Kendall's W {agreement.Concordance:0.00} (independent: {agreement.IndependentConcordance:0.00})."));
        foreach (var single in result.SingleRows)
            screen.Say(
                Text($"{single.Unlearner}, {single.RowIds.Count} single rows: rank correlation with groups {single.Spearman:0.00} ")
                + Text($"({single.SpearmanWithoutNoise:0.00} without noise), AUC {single.Auc.Value:0.000} [{single.Auc.Low:0.000}, {single.Auc.High:0.000}], ")
                + Text($"ceiling {single.Ceiling:0.000}; of groups {single.GroupAuc.Value:0.000}."));
        screen.Say(
            Text($"Target: train accuracy {result.Target.TrainAccuracy:0.000}, ")
            + Text($"test accuracy {result.Target.TestAccuracy:0.000}")
            + Text($"{(result.Target.Parameters is { } parameters ? Text($", {parameters:N0} parameters") : "")}."));
        if (result.Agreement is { } ranks)
            screen.Say(Text($"Rank correlation across halves of the trials: {string.Join(", ", Pairs(ranks))}."));
        var stages = new[] { StudyStage.Target, StudyStage.Factors, StudyStage.Trials, StudyStage.Hardness };
        screen.Say(Text($"{result.TotalSeconds:0} s: ")
            + Text($"{string.Join(", ", stages.Select(stage => Text($"{stage.ToString().ToLowerInvariant()} {result.Seconds[stage]:0.0}")))}."));
        screen.Result($"Report: {Path.Combine(Path.GetFullPath(folder), StudyFiles.Report)}");
    }

    private static IEnumerable<string> Pairs(UnlearnerAgreement agreement) =>
        from i in Enumerable.Range(0, agreement.SpearmanNames.Count)
        from j in Enumerable.Range(i, agreement.SpearmanNames.Count - i)
        select Text($"{agreement.SpearmanNames[i]}–{agreement.SpearmanNames[j]} {agreement.SpearmanAcrossHalves[i][j]:0.00}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
