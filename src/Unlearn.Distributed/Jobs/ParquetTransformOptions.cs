using Microsoft.ML;

namespace Unlearn.Distributed;

/// <summary>Who transforms the parts of <see cref="ParquetTransformCatalog"/>, and what a part is.</summary>
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

    /// <summary>
    /// Rows of a part, from 1. A file with more is dealt as several parts of consecutive row groups, each with at most as many rows; but a row group is
    /// never torn, so one with more rows is a part. With another value, all parts of such files are computed anew.
    /// </summary>
    /// <value>Default: 131,072, two of the largest row groups that <c>SaveAsParquet</c> chooses.</value>
    public int RowsPerPart { get; init; } = 1 << 17;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        if (Workers < 1)
            throw new ArgumentException($"{Workers} workers were asked for: ask for at least 1.");
        if (RowsPerPart < 1)
            throw new ArgumentException($"Parts of {RowsPerPart} rows were asked for: ask for at least 1.");
    }
}
