namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>How many of a layer's parameters are trained.</summary>
internal enum LayerTraining
{
    /// <summary>All.</summary>
    All,

    /// <summary>Some; the others are frozen.</summary>
    Some,

    /// <summary>None: the layer is frozen.</summary>
    None,
}
