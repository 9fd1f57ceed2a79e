using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>Reports the steps of computing factors: a step for each reference model, one for fitting, one for computing.</summary>
/// <param name="progress">Gets the reports.</param>
/// <param name="references">Number of reference models.</param>
internal sealed class FactorProgress(IProgress<StudyProgress> progress, int references) : IProgress<int>
{
    private int _finished;

    /// <summary>Reports that reference models are trained.</summary>
    public void Report(int value) => Report(_finished = value, $"{value} of {references} reference models");

    /// <summary>Reports that the step before is finished and what is done now.</summary>
    public void Report(string detail) => Report(_finished++, detail);

    private void Report(int finished, string detail) =>
        progress.Report(new() { Stage = StudyStage.Factors, Finished = finished, Total = references + 2, Detail = detail });
}
