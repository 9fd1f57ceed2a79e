namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>How undefined factor values are handled. Saved models hold it as a number.</summary>
internal enum MissingFactorHandling
{
    /// <summary>The value becomes 0, so that every trainer can use the row. The default.</summary>
    Fill,

    /// <summary>The value becomes NaN. FastTree and FastForest skip such rows in training.</summary>
    NaN,
}
