namespace UnlearnPipeline;

/// <summary>What the hardness model says of a row.</summary>
public sealed class HardnessOfRow
{
    public string RowId { get; set; } = "";

    /// <summary>Probability that the row is among the fifth that is hardest to forget.</summary>
    public float HardProbability { get; set; }

    /// <summary>The cheapest method that is enough: "nothing", an approximate unlearner, or exact retraining.</summary>
    public string RecommendedMethod { get; set; } = "";
}
