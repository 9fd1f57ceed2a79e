namespace Unlearn.MLNet.Labeling;

/// <summary>Names of those columns of the labels that a hardness model learns from.</summary>
internal static class LabelColumns
{
    public const string Tolerance = "ResidualMemoryTolerance";

    public static string ResidualMemory(string method) => $"{method}.{nameof(Outcome.ResidualMemory)}";

    public static string Seconds(string method) => $"{method}.Seconds";

    public static string Exact(string method) => $"{method}.Exact";
}
