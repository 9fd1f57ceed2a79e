namespace Unlearn.Transforms;

/// <summary>Optimizers of a Torch recipe.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101).</summary>
    AdamW,
}
