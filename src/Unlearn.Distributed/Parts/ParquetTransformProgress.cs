namespace Unlearn.Distributed;

/// <summary>How far the transform of a folder of Parquet files is. The unit is a part: a file, or some row groups of it.</summary>
public sealed record ParquetTransformProgress
{
    /// <summary>Parts that are done, those of earlier runs included.</summary>
    public required int Finished { get; init; }

    /// <summary>Parts that were done before this run, and are not computed again.</summary>
    public required int Kept { get; init; }

    /// <summary>All parts.</summary>
    public required int Total { get; init; }
}
