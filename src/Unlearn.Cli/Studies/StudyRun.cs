using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>Runs a study: progress, files, and a table of what it found.</summary>
internal static class StudyRun
{
    /// <summary>Name of the ledger in a study's folder.</summary>
    public const string Ledger = "trials.db";

    public static async Task<StudyResult> RunAsync(StudyPlan plan, Screen screen, CancellationToken cancellationToken)
    {
        var study = new HardnessStudy(plan.ToOptions());
        var result = await ConsoleProgress.RunAsync(screen, progress => study.RunAsync(plan.Data.Rows, plan.Data.TestRows, progress, cancellationToken))
            .ConfigureAwait(false);
        StudyFiles.Write(plan.Output, result, plan.Data.Picture);
        ConsoleTable.Write(screen, result, plan.Output);
        return result;
    }
}
