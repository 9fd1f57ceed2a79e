using Unlearn.Transforms;
using Unlearn.Transforms.Factors.Neighborhood;

namespace Unlearn.USearch;

/// <summary>
/// Approximate neighbors by USearch's index, a hierarchical navigable small world graph. The graph is built by one thread in the order of the rows, with
/// a fixed seed, so the same rows give the same neighbors on processors of the same kind, whatever their number.
/// </summary>
public static class HnswNeighbors
{
    /// <summary>
    /// Lets neighborhood factors of this process use the index where <see cref="UnlearnFactorsEstimator.Options.ApproximateNeighborsFrom"/> asks for it, and
    /// saved models that do. Nothing else changes. It may be called repeatedly.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// USearch's native library cannot be loaded: it is there for Linux and Windows on x64 and macOS on ARM, and needs libgomp.so.1 on Linux.
    /// </exception>
    public static void Register()
    {
        NativeIndex.Check();
        ApproximateNeighbors.Registered = new(NativeIndex.Settings, (width, count) => new NativeIndex(width, count));
    }
}
