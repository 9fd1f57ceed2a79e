using System.Diagnostics;
using Spectre.Console;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary>What a study's trials would cost: each unlearner is run once, and its time taken.</summary>
internal sealed record CostEstimate
{
    // Measured: 36 trials of 1,000 rows take 0.57 MB, 16 of 500 rows 0.21 MB.
    private const double BytesOfRow = 16;
    private const double BytesOfLedger = 1e5;

    public required IReadOnlyList<(string Unlearner, int Trials, double SecondsOfTrial)> Unlearners { get; init; }

    public required int Workers { get; init; }

    public required int Rows { get; init; }

    /// <summary>Minutes of all trials. Stacked trainings are quicker, single rows come on top.</summary>
    public double Minutes => Unlearners.Sum(of => of.Trials * of.SecondsOfTrial) / Workers / 60;

    /// <summary>Megabytes of the ledger.</summary>
    public double Megabytes => (BytesOfLedger + Unlearners.Sum(of => of.Trials) * (double)Rows * BytesOfRow) / 1e6;

    public static CostEstimate Measure(StudyPlan plan, CancellationToken cancellationToken)
    {
        using var target =
            plan.Recipe.Train(plan.Data.Rows, Enumerable.Range(0, plan.Data.Rows.Count).ToArray(), plan.Seed, cancellationToken: cancellationToken);
        return new()
        {
            Unlearners = [.. plan.Unlearners.Select(of => (of.Unlearner.Name, of.Trials, Seconds(of)))],
            Workers = plan.Workers,
            Rows = plan.Data.Rows.Count,
        };

        double Seconds(UnlearnerPlan of)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] forget = [.. Enumerable.Range(0, Math.Max(1, (int)(of.ForgetShare * plan.Data.Rows.Count)))];
            var start = Stopwatch.GetTimestamp();
            using var unlearned = of.Unlearner.Unlearn(new UnlearningRequest(target, plan.Recipe, plan.Data.Rows, forget, plan.Seed), cancellationToken);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    public Table ToConsole()
    {
        var table = new Table().Title("What would run").Border(TableBorder.Simple);
        foreach (var heading in new[] { "unlearner", "trials", "seconds a trial", "minutes" })
            table.AddColumn(new TableColumn(heading) { Padding = new Padding(0, 0, 1, 0) });
        foreach (var (name, trials, seconds) in Unlearners)
            table.AddRow(Markup.Escape(name), Invariant($"{trials}"), Invariant($"{seconds:0.00}"), Invariant($"{trials * seconds / Workers / 60:0.0}"));
        return table;
    }
}
