using Microsoft.ML.AutoML;
using Unlearn.MLNet;

namespace Unlearn.AutoML;

/// <summary>Collects AutoML's trials, and passes them on.</summary>
internal sealed class HardnessMonitor(SweepablePipeline pipeline, IProgress<HardnessTrial>? progress) : IMonitor
{
    private readonly List<HardnessTrial> _trials = [];

    public IReadOnlyList<HardnessTrial> Trials => _trials;

    public string NameOf(TrialSettings settings) => Invariant($"AutoML's trial {settings.TrialId}: {pipeline.ToString(settings.Parameter)}");

    public void ReportCompletedTrial(TrialResult result) =>
        Add(result.TrialSettings, result.Metric, result.DurationInMilliseconds / 1000, null);

    public void ReportFailTrial(TrialSettings settings, Exception? exception = null) =>
        Add(settings, double.NaN, 0, exception?.GetBaseException().Message ?? "unknown");

    // A completed trial tells as much, and a running one nothing yet.
    public void ReportBestTrial(TrialResult result) { }

    public void ReportRunningTrial(TrialSettings settings) { }

    private void Add(TrialSettings settings, double auc, double seconds, string? failure)
    {
        var trial = new HardnessTrial
        {
            Number = settings.TrialId,
            Trainer = NameOf(settings),
            Auc = auc,
            Seconds = seconds,
            IsBest = failure is null && _trials.All(other => !(other.Auc >= auc)),
            Failure = failure,
        };
        _trials.Add(trial);
        progress?.Report(trial);
    }
}
