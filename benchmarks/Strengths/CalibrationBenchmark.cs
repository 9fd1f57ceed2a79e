using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Unlearn.Benchmarks.Trials;
using Unlearn.Examples;
using Unlearn.Examples.AdultIncome;
using Unlearn.Examples.FashionMnist;
using Unlearn.Examples.ImdbReviews;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Calibration;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Benchmarks.Strengths;

/// <summary>The ladder of strengths of every adjustable unlearner on the data of an example.</summary>
internal static class CalibrationBenchmark
{
    public static string[] Studies => ["fashion", "imdb", "adult"];

    /// <summary>Calibrates the unlearners on a study's target.</summary>
    /// <param name="study">Name of the study.</param>
    /// <param name="share">Share of the rows that a forget set holds.</param>
    /// <param name="options">Options of the calibration.</param>
    /// <param name="arguments">The study's own command line.</param>
    public static Task<int> RunAsync(string study, double share, CalibrationOptions options, string[] arguments)
    {
        TorchRuntime.KeepFreedMemory();
        StudyExample example = study switch { "imdb" => new ImdbStudy(), "adult" => new AdultStudy(), _ => new FashionMnistStudy() };
        string[] all = ["--unlearners", string.Join(',', KnownUnlearners.All
            .Where(unlearner => unlearner is ExactRetraining || UnlearnerCalibrator.IsCalibrated(unlearner))
            .Select(unlearner => unlearner.Name))];
        return StudyCommand.Create(
            example, (settings, cancellationToken) => TorchThreads.RunAsync("calibration", () => Run(example, settings, share, options, cancellationToken)))
            .Parse(arguments.Contains(all[0]) ? arguments : [.. all, .. arguments]).InvokeAsync();
    }

    private static int Run(StudyExample example, StudySettings settings, double share, CalibrationOptions options, CancellationToken cancellationToken)
    {
        using var data = example.Load(settings);
        var recipe = example.Recipe(settings, data);
        var targetSeed = Seed.Derive(settings.Seed, "target");
        using var target = recipe.Train(data.Rows, Enumerable.Range(0, data.Rows.Count).ToArray(), targetSeed, cancellationToken: cancellationToken);
        var subject = new CalibrationSubject(target, recipe, data.Rows, data.TestRows, TimeProvider.System);
        using var ledger = new TemporaryLedger();
        var runs = new CalibrationRuns(
            subject, ledger.Ledger, unlearner => TrialContext.Of(unlearner, recipe, targetSeed, data.Rows, data.TestRows), settings.Seed, settings.Workers);
        UnlearnerPlan[] plans = [.. settings.Unlearners.Select(unlearner =>
            new UnlearnerPlan { Unlearner = unlearner, Trials = settings.Trials ?? example.TrialsOf(unlearner).Of(settings.Size), ForgetShare = share })];
        var found = new UnlearnerCalibrator(subject, runs, options, settings.Seed)
            .Run(plans, (done, total, detail) => Console.Error.WriteLine($"{done}/{total} {detail}"), cancellationToken).Calibrations;
        AnsiConsole.Profile.Width = 160;
        foreach (var calibration in found)
            Show(data.Title, calibration);
        Summarize(found);
        return 0;
    }

    private static void Show(string title, UnlearnerCalibration found)
    {
        var table = new Table().Title(Markup.Escape($"{title}: {found.Unlearner}")).Border(TableBorder.Simple).AddColumns(
            "strength", "undone", "retained lost", "test lost", "seconds", "");
        foreach (var rung in found.Rungs)
            table.AddRow(
                Text($"{rung.Strength:0.###}"),
                Text($"{rung.UndoneShare:0.000}"),
                Points(found.TargetAccuracy.Retained - rung.Accuracy.Retained),
                Points(found.TargetAccuracy.Test - rung.Accuracy.Test),
                Text($"{rung.CpuSeconds:0.00}"), rung == found.Chosen ? found.Verdict.ToString() : Markup.Escape(rung.Failure ?? ""));
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(
            Text($"p0 {found.TargetConfidence:0.0000}, pR {found.RetrainedConfidence:0.0000} ± {found.RetrainedError:0.0000}; ")
            + Text($"retrained lose {100 * found.RetrainedAccuracy.LossAgainst(found.TargetAccuracy):0.0} points; ")
            + Text($"{found.ForgetSets} forget sets of {found.ForgottenRows}, {found.Retrainings} retrainings of each. {found.Explanation}"));
    }

    // In Markdown, for a page of evidence. Points lost are below the lower of target and retrained models.
    private static void Summarize(IEnumerable<UnlearnerCalibration> found)
    {
        Console.WriteLine("| unlearner | strength | undone, search | undone, fresh sets | retained points lost | test points lost | verdict |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var calibration in found)
            if (calibration.Check is { Rung: var rung } check)
            {
                var (target, retrained) = (check.TargetAccuracy, check.RetrainedAccuracy);
                var isShort = calibration.Verdict == CalibrationVerdict.StrongestWithinBudget;
                var retainedLost = Math.Min(target.Retained, retrained.Retained) - rung.Accuracy.Retained;
                var testLost = (target.Test < retrained.Test ? target.Test : retrained.Test) - rung.Accuracy.Test;
                var verdict = isShort ? CalibrationWords.Shortfall(calibration) : calibration.Verdict.ToString();
                var undone = Text($"{calibration.Strength:0.###} | {calibration.Chosen?.UndoneShare:0.00} | {rung.UndoneShare:0.00}");
                Console.WriteLine($"| {calibration.Unlearner} | {undone} | {Points(retainedLost)} | {Points(testLost)} | {verdict} |");
            }
            else
                Console.WriteLine($"| {calibration.Unlearner} | own | | | | | {calibration.Verdict} |");
    }

    private static string Points(double? share) => Text($"{100 * share:0.0}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
