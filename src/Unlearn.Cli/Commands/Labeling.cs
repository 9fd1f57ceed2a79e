using Microsoft.ML;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>Makes options of a labeling of what is set.</summary>
internal static class Labeling
{
    private const string DefaultUnlearners = "EU,FT";

    public static HardnessLabelingOptions Options(SettingValues settings, LoadedData data, MLContext context, string ledger)
    {
        var options = new HardnessLabelingOptions
        {
            Recipe = data.Recipe,
            Unlearners = UnlearnerNames.Find(settings.Has(KnownSettings.Unlearners)
                ? string.Join(',', settings.List(KnownSettings.Unlearners))
                : data.Model.Unlearners ?? DefaultUnlearners),
            TestData = data.Rows.TestRows.ToDataView(context),
            LedgerPath = ledger,
            Cluster = ClusterOf.Find(settings, data, Path.GetDirectoryName(Path.GetFullPath(ledger))!),
            Trials = new() { RetryFailed = settings.Flag(KnownSettings.RetryFailed) },
            Calibration = StudyPlanning.IsCalibrated(settings) ? new() : null,
            Seed = settings.Integer(KnownSettings.Seed) ?? 1,
            Workers = settings.Integer(KnownSettings.Workers) ?? Environment.ProcessorCount,
        };
        return options with
        {
            MaximumTrials = settings.Integer(KnownSettings.MaximumTrials) ?? options.MaximumTrials,
            MaximumTime = settings.Number(KnownSettings.MaximumMinutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : options.MaximumTime,
        };
    }

    /// <summary>Says what a labeling would cost at most: how many trials are enough is only known when they have run.</summary>
    public static Task<int> DryRunAsync(Screen screen, HardnessLabelingOptions options, LoadedData data, string output, CancellationToken cancellationToken)
    {
        // Even, as half of the trials make up each half.
        var trials = Math.Max(2, options.MaximumTrials / options.Unlearners.Count / 2 * 2);
        var plan = new StudyPlan
        {
            Data = data.Rows,
            Recipe = options.Recipe,
            Unlearners = [.. options.Unlearners.Select(unlearner => new UnlearnerPlan { Unlearner = unlearner, Trials = trials })],
            Seed = options.Seed,
            Workers = options.Workers,
            IsCalibrated = options.Calibration is not null,
            Output = output,
        };
        return DryRun.RunAsync(
            screen, plan, withModels: false, "At most about", "Trials end when the labels are sure enough.", cancellationToken);
    }
}
