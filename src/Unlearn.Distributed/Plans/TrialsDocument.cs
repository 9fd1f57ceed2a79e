using System.Text.Json;
using Unlearn.Distributed.Blobs;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;

namespace Unlearn.Distributed.Plans;

/// <summary>Plans of trials in words: what a worker needs to make their trials again, and to know that they are the same.</summary>
internal sealed record TrialsDocument
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary><see cref="TrialSpec.CodeVersion"/> of the coordinator.</summary>
    public required int CodeVersion { get; init; }

    /// <summary>Versions of TorchSharp and libtorch of the coordinator.</summary>
    public required string Torch { get; init; }

    /// <summary>Name of the ledger.</summary>
    public required string Ledger { get; init; }

    /// <summary>Blob of the setting that all plans share.</summary>
    public required string Setting { get; init; }

    /// <summary>How failed trials are tried again.</summary>
    public required int Retries { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    public required PlanOfUnlearner[] Plans { get; init; }

    public static TrialsDocument Read(IBlobStore blobs, string hash) =>
        blobs.Read(hash, "plan", stream => JsonSerializer.Deserialize<TrialsDocument>(stream) ?? throw new FormatException("The plan is empty."));

    /// <summary>Refuses what this process cannot run alike.</summary>
    /// <exception cref="DistributedTrialsException">Versions differ.</exception>
    public void CheckVersions()
    {
        SameVersions.RequireFormat("plan", Format, CurrentFormat);
        SameVersions.Require($"code version {TrialSpec.CodeVersion}", $"code version {CodeVersion}");
        SameVersions.Require(SameVersions.Torch, Torch);
    }

    /// <summary>The trials of one unlearner.</summary>
    internal sealed record PlanOfUnlearner
    {
        public required StoredUnlearner Unlearner { get; init; }

        /// <summary>Hash of what the trials share, which covers rows, recipe, seed and unlearner.</summary>
        public required string Context { get; init; }

        /// <summary>Positions of the rows that may be forgotten; <see langword="null"/> for all.</summary>
        public int[]? Rows { get; init; }

        public required int Trials { get; init; }

        public required int GroupSize { get; init; }

        public required long Seed { get; init; }
    }
}
