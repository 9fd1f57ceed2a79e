using Microsoft.ML;

namespace Unlearn.Distributed;

/// <summary>Who transforms the parts of <see cref="ParquetTransformCatalog"/>.</summary>
public sealed class ParquetTransformOptions
{
    /// <summary>Parts that this process transforms at once, one core each, from 1. With a <see cref="Cluster"/> it transforms none.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Workers that transform the parts in place of this process. They read and write both folders, which they must have under the same paths.
    /// </summary>
    /// <value>Default <see langword="null"/>: this process does.</value>
    public PostgresCluster? Cluster { get; init; }

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        if (Workers < 1)
            throw new ArgumentException($"{Workers} workers were asked for: ask for at least 1.");
    }
}
