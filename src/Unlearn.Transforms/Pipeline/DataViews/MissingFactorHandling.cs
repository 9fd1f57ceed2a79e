namespace Unlearn.Transforms;

/// <summary>What a factor that is undefined for a row becomes, for example one that needs the label of a row without one.</summary>
public enum MissingFactorHandling
{
    /// <summary>0, so that every trainer can use the row. The default.</summary>
    Fill,

    /// <summary>NaN. Mind that FastTree and FastForest skip such rows in training.</summary>
    NaN,
}
