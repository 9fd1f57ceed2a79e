using Unlearn.Distributed;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>Reports parts of Parquet files as the other steps of a command are.</summary>
/// <param name="progress">Gets the reports.</param>
internal sealed class PartProgress(IProgress<StudyProgress> progress) : IProgress<ParquetTransformProgress>
{
    public void Report(ParquetTransformProgress value) => progress.Report(new()
    {
        Stage = StudyStage.Factors,
        Finished = value.Finished,
        Total = value.Total,
        Detail = value.Kept > 0 ? $"parts, {value.Kept} of them from an earlier run" : "parts",
    });
}
