using Unlearn.Transforms;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>Reports the epochs of a target's training as progress of a study.</summary>
/// <param name="progress">Gets the reports.</param>
internal sealed class EpochProgress(IProgress<StudyProgress> progress) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => progress.Report(new()
    {
        Stage = StudyStage.Target,
        Finished = value.Epoch,
        Total = value.Epochs,
        Detail = Invariant($"loss {value.Loss:0.000}, accuracy {value.Accuracy:0.000}"),
    });
}
