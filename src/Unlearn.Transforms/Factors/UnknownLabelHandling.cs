namespace Unlearn.Transforms;

/// <summary>
/// What factors that depend on the label become for a row whose label is unknown: it is missing, there is no label column, or <c>MapValueToKey</c> did not meet its value in training.
/// A pass over rows of which some are unknown ends with one warning in the ML context's log.
/// </summary>
public enum UnknownLabelHandling
{
    /// <summary>Undefined: see <see cref="MissingFactorHandling"/>.</summary>
    Missing,

    /// <summary>They are computed with the class that the target predicts. The default.</summary>
    Predicted,
}
