namespace Unlearn.Transforms;

/// <summary>What factors that depend on the label become for a row whose label is unknown.</summary>
public enum UnknownLabelHandling
{
    /// <summary>Undefined: see <see cref="MissingFactorHandling"/>. The default.</summary>
    Missing,

    /// <summary>They are computed with the class that the target predicts.</summary>
    Predicted,
}
