using Unlearn.MLNet;
using Unlearn.Transforms.Interop;

namespace Microsoft.ML;

/// <summary>Adds hardness models to ML.NET's catalog of transforms.</summary>
public static class HardnessModelCatalog
{
    /// <summary>Learns from the labels of some rows how hard any row is to unlearn, with default options.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="labels">The labels that <c>mlContext.Data.LabelUnlearningHardnessAsync</c> gives.</param>
    /// <exception cref="ArgumentOutOfRangeException">The labels lack a column.</exception>
    public static UnlearningHardnessEstimator UnlearningHardness(this TransformsCatalog catalog, IDataView labels) => catalog.UnlearningHardness(labels, new());

    /// <summary>Learns from the labels of some rows how hard any row is to unlearn, with all options.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentOutOfRangeException">The labels lack a column, or an option is out of range.</exception>
    /// <exception cref="NotSupportedException">The process has loaded a version of Microsoft.ML that lacks what saved models need.</exception>
    public static UnlearningHardnessEstimator UnlearningHardness(this TransformsCatalog catalog, IDataView labels, UnlearningHardnessEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetCompatibility.Check();
        return new(MLNetInternals.GetEnvironment(catalog), labels, options);
    }
}
