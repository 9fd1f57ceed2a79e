using System.Text.Json;
using Unlearn.Distributed.Blobs;
using Unlearn.Distributed.Plans;

namespace Unlearn.Distributed.Parts;

/// <summary>Parts and their model in words: what a worker needs to transform them alike.</summary>
internal sealed record PartsDocument
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary><see cref="PartModel.Versions"/> of the coordinator.</summary>
    public required string Versions { get; init; }

    /// <summary>Blob of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the parts, under the same path on all machines.</summary>
    public required string Input { get; init; }

    /// <summary>Folder of the transformed parts, under the same path on all machines.</summary>
    public required string Output { get; init; }

    /// <summary>What the coordinator's machine makes of the first rows of the first part.</summary>
    public required string Probe { get; init; }

    public required ParquetPart[] Parts { get; init; }

    /// <summary>Publishes a run whose model is in the store.</summary>
    /// <returns>Hash of the blob that describes it.</returns>
    public static async Task<string> PublishAsync(IBlobStore blobs, PartRun run)
    {
        var document = new PartsDocument
        {
            Versions = PartModel.Versions,
            Model = run.ModelHash,
            Input = run.Folders.Input,
            Output = run.Folders.Output,
            Probe = await run.Model.ProbeAsync(run.Folders, run.Parts[0]).ConfigureAwait(false),
            Parts = [.. run.Parts],
        };
        return blobs.Put(stream => JsonSerializer.Serialize(stream, document));
    }

    public static PartsDocument Read(IBlobStore blobs, string hash) =>
        blobs.Read(hash, "list of the parts", stream => JsonSerializer.Deserialize<PartsDocument>(stream) ?? throw new FormatException("There is none."));

    /// <summary>Refuses what this process cannot compute alike.</summary>
    /// <exception cref="DistributedTrialsException">Versions differ.</exception>
    public void CheckVersions()
    {
        SameVersions.RequireFormat("list of the parts", Format, CurrentFormat);
        SameVersions.Require(PartModel.Versions, Versions);
    }
}
