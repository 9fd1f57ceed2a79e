namespace Unlearn.Transforms;

/// <summary>
/// How factors that depend on the label treat a row with an unknown label: it is missing, there is no label column, or <c>MapValueToKey</c> did not
/// see its value in training. If a pass meets rows with unknown labels, it ends with one warning in the ML context's log.
/// </summary>
public enum UnknownLabelHandling
{
    /// <summary>Undefined: see <c>UnlearnFactorsEstimator.Options.KeepUndefined</c>.</summary>
    Missing,

    /// <summary>They are computed with the class that the target predicts. The default.</summary>
    Predicted,
}
