using System.Reflection;
using System.Text.Json;
using TorchSharp;
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

    /// <summary>Versions of TorchSharp and libtorch of this process.</summary>
    public static string TorchHere => $"TorchSharp {typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        .Split('+')[0] ?? $"{typeof(torch).Assembly.GetName().Version}"}, libtorch {torch.__version__}";

    public static TrialsDocument Read(IBlobStore blobs, string hash) =>
        blobs.Read(hash, "plan", stream => JsonSerializer.Deserialize<TrialsDocument>(stream) ?? throw new FormatException("The plan is empty."));

    /// <summary>Refuses what this process cannot run alike.</summary>
    /// <exception cref="DistributedTrialsException">Versions differ.</exception>
    public void CheckVersions()
    {
        const string Cure = "install the same packages on workers and coordinator.";
        if (Format != CurrentFormat)
            throw new DistributedTrialsException($"The plan has format {Format}, but the worker reads format {CurrentFormat}: {Cure}");
        if (CodeVersion != TrialSpec.CodeVersion)
            throw new DistributedTrialsException(
                $"The worker runs trials by code version {TrialSpec.CodeVersion}, but the plan is of code version {CodeVersion}: {Cure}");
        if (Torch != TorchHere)
            throw new DistributedTrialsException($"The worker has {TorchHere}, but the coordinator has {Torch}: {Cure}");
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
