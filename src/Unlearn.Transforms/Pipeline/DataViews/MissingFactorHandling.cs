namespace Unlearn.Transforms;

/// <summary>How undefined factor values are handled, for example a factor that needs the label of a row without a label.</summary>
public enum MissingFactorHandling
{
    /// <summary>The value becomes 0, so that every trainer can use the row. The default.</summary>
    Fill,

    /// <summary>The value becomes NaN. FastTree and FastForest skip such rows in training.</summary>
    NaN,
}
