namespace Unlearn.MLNet;

/// <summary>What a check of a workspace found.</summary>
public sealed record ErasureVerification
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsValid => Problems.Count == 0;

    /// <summary>What is wrong, in words; empty if nothing is.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Number of the log's entries; 0 if the log cannot be read.</summary>
    public required long Entries { get; init; }

    /// <summary>
    /// Hash of the log's latest entry. Keep it elsewhere: who can write all files of a workspace can write a shorter log, or another one, and only a hash from
    /// outside tells.
    /// </summary>
    public required string LogHash { get; init; }

    /// <summary>Number of certificates that are what was written.</summary>
    public required int Certificates { get; init; }
}
