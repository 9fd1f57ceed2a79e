namespace Unlearn.Transforms;

/// <summary>Quantities of a target that hardness factors can use.</summary>
[Flags]
public enum TargetCapabilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Class logits (or log-probabilities) for any row: every target has them.</summary>
    Logits = 1,

    /// <summary>Gradients with respect to the input features.</summary>
    InputGradients = 2,

    /// <summary>Per-row gradients with respect to the parameters.</summary>
    ParameterGradients = 4,

    /// <summary>
    /// The logits are W φ + b, up to a constant per row: the last layer is linear, and its input φ is the result of <see cref="ITarget.Embed"/>.
    /// </summary>
    LinearOutput = 8,

    /// <summary>The log-odds of class 1 are a sum over trees. Each tree adds the value of the leaf that the row reaches.</summary>
    LeafValues = 16,
}
