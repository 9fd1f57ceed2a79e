using Spectre.Console;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>What a study would cost, as tables.</summary>
internal static class EstimateTable
{
    private static readonly int[] WorkerCounts = [1, 2, 4, 8, 16, 32];

    /// <summary>The trials of each unlearner.</summary>
    public static Table OfUnlearners(StudyEstimate estimate)
    {
        var table = PlainTable.Create("What would run", "unlearner", "trials", "batches", "seconds a batch", "time");
        foreach (var of in estimate.Unlearners)
            table.AddRow(Markup.Escape(of.Unlearner), Invariant($"{of.Trials}"), Invariant($"{of.Batches}"), Invariant($"{of.SecondsPerBatch:0.00}"),
                Time(of.WorkerSeconds / estimate.Workers));
        return table;
    }

    /// <summary>The stages that cost something.</summary>
    public static Table OfStages(StudyEstimate estimate)
    {
        var table = PlainTable.Create("What it would take", "stage", "time");
        foreach (var (stage, seconds) in estimate.Seconds.Where(stage => stage.Value > 0))
            table.AddRow(stage.ToString(), Time(seconds));
        return table;
    }

    /// <summary>All of it with other numbers of workers.</summary>
    public static Table OfWorkers(StudyEstimate estimate)
    {
        var table = PlainTable.Create("By number of workers", "workers", "time");
        foreach (var workers in WorkerCounts)
            table.AddRow(Invariant($"{workers}"), Time(estimate.SecondsWith(workers)));
        return table;
    }

    /// <summary>All of it in words, and what the estimate is worth.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <param name="amount">What the time is: about so long, or at most.</param>
    /// <param name="output">Folder of the study.</param>
    /// <param name="note">What else there is to know.</param>
    public static string Summary(StudyEstimate estimate, string amount, string output, string note)
    {
        var workers = estimate.Workers == 1 ? "worker" : "workers";
        List<string> sentences =
        [
            Invariant($"{amount} {Time(estimate.TotalSeconds)} on {estimate.Workers} {workers}, {estimate.MemoryBytes / 1e6:0} MB of memory, ")
                + Invariant($"and {estimate.LedgerBytes / 1e6:0.0} MB in '{output}'."),
        ];
        if (estimate.SampledRows is { } sampled)
            sentences.Add(Invariant($"Trials were timed on samples of up to {sampled:N0} rows, and extrapolated to all."));
        if (!estimate.IsCalibrated)
            sentences.Add("Approximate unlearners were not calibrated: their trials may take another time.");
        if (note.Length > 0)
            sentences.Add(note);
        return string.Join(' ', sentences);
    }

    /// <summary>A time as people say it: seconds, minutes or hours.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 10 => Invariant($"{seconds:0.0} s"),
        < 100 => Invariant($"{seconds:0} s"),
        < 6000 => Invariant($"{seconds / 60:0.0} min"),
        _ => Invariant($"{seconds / 3600:0.0} h"),
    };
}
