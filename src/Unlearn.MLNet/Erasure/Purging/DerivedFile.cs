namespace Unlearn.MLNet;

/// <summary>A file that was made of rows, and what a purge does about it.</summary>
public sealed record DerivedFile
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What it remembers of rows, in words.</summary>
    public required string Remembers { get; init; }

    /// <summary>Whether it is rewritten without the erased rows. If not, it is deleted.</summary>
    public required bool IsRewritten { get; init; }
}
