namespace Unlearn.Distributed.Plans;

/// <summary>What all trials of a study share, in words and by the hashes of its blobs.</summary>
internal sealed record SettingDocument
{
    public required StoredRecipe Recipe { get; init; }

    public required long TargetSeed { get; init; }

    /// <summary>Blob of the rows.</summary>
    public required string Rows { get; init; }

    /// <summary>Blob of the test rows; <see langword="null"/> if there are none.</summary>
    public string? TestRows { get; init; }

    /// <summary>Blob of the target.</summary>
    public required string Target { get; init; }

    /// <summary>SHA-256 of log(p_y / (1 − p_y)) of each row under the target, as the coordinator computed it.</summary>
    public required string Answers { get; init; }
}
