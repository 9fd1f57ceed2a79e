using Unlearn.MLNet.Trials;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>Tells of trials as a stage of a study.</summary>
/// <param name="progress">Whom to tell.</param>
/// <param name="suffix">What follows the name of the unlearner.</param>
internal sealed class TrialsProgress(IProgress<StudyProgress>? progress, string suffix = "") : IProgress<TrialProgress>
{
    public void Report(TrialProgress value) => progress?.Report(
        new() { Stage = StudyStage.Trials, Finished = value.Finished, Total = value.Total, Detail = Describe(value), Remaining = value.Remaining });

    private string Describe(TrialProgress value)
    {
        if (value.Elsewhere > 0)
            return $"waiting for {value.Elsewhere} in another process";
        List<string> notes = [];
        if (value.Reused > 0)
            notes.Add($"{value.Reused} from an earlier run");
        if (value.Failed > 0)
            notes.Add(value.Unlearner is null ? $"{value.Failed} that failed are not tried again" : $"{value.Failed} failed");
        return (value.Unlearner ?? "starting") + suffix + (notes.Count == 0 ? "" : $" ({string.Join(", ", notes)})");
    }
}
