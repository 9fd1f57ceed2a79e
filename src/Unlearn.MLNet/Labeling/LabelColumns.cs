namespace Unlearn.MLNet.Labeling;

/// <summary>Names of those columns of the labels that hardness models and audits use.</summary>
internal static class LabelColumns
{
    public const string Tolerance = "ResidualMemoryTolerance";

    /// <summary>μ_R: mean of log(p_y / (1 − p_y)) over the retrained models that never saw the row.</summary>
    public const string RetrainedMean = "Retrained.LogitConfidence";

    /// <summary>σ_R: their standard deviation.</summary>
    public const string RetrainedDeviation = "Retrained.LogitConfidenceDeviation";

    public static string ResidualMemory(string method) => $"{method}.{nameof(Outcome.ResidualMemory)}";

    public static string Seconds(string method) => $"{method}.Seconds";

    public static string Strength(string method) => $"{method}.Strength";

    public static string Exact(string method) => $"{method}.Exact";
}
