using Unlearn.Transforms.Interop;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>What a hardness model has learned.</summary>
internal sealed record FittedHardness
{
    /// <summary>Saved hardness models.</summary>
    public static readonly SavedKind Kind = new("hardness models", "UNLRNHRD", 0x00010001, 0x00010001, LoaderSignature, typeof(FittedHardness).Assembly);

    /// <summary>What ML.NET finds the loader by.</summary>
    public const string LoaderSignature = "UnlearningHardness";

    public const string ProbabilityColumn = "HardProbability";

    public const string RecommendationColumn = "RecommendedMethod";

    /// <summary>Column of the factors.</summary>
    public required string FactorColumnName { get; init; }

    /// <summary>Names of the factors, in the order of the column's slots.</summary>
    public required IReadOnlyList<string> FactorNames { get; init; }

    /// <summary>Predicts the probability of being hard.</summary>
    public required FactorPredictor Classifier { get; init; }

    /// <summary>The methods, the cheapest first; ties by name.</summary>
    public required IReadOnlyList<(string Name, double Seconds, MethodModel Model)> Methods { get; init; }

    /// <summary>The cheapest exact method.</summary>
    public required (string Name, double Seconds) Exact { get; init; }

    /// <summary>Largest residual memory that is accepted.</summary>
    public required double Tolerance { get; init; }

    /// <summary>1 − α.</summary>
    public required double Confidence { get; init; }

    /// <summary>
    /// The cheapest method with an upper bound within the tolerance that costs less than the exact one; else the exact one. A bound that is NaN is not within
    /// it.
    /// </summary>
    public string Recommend(ReadOnlySpan<float> bounds)
    {
        for (var i = 0; i < Methods.Count; i++)
            if (bounds[i] <= Tolerance && Methods[i].Seconds < Exact.Seconds)
                return Methods[i].Name;
        return Exact.Name;
    }
}
