namespace Unlearn.MLNet;

/// <summary>Wall-clock seconds of a study and its stages.</summary>
/// <param name="Total">The whole study.</param>
/// <param name="Target">Training the target.</param>
/// <param name="Factors">Fitting and computing the factors.</param>
/// <param name="Trials">Unlearning trials of this run; trials that an earlier run had finished cost nothing.</param>
/// <param name="Hardness">Training and scoring the hardness models.</param>
public sealed record StudySeconds(double Total, double Target, double Factors, double Trials, double Hardness);
