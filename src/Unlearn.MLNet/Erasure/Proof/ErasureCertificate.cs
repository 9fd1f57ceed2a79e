using System.Text.Json;
using Unlearn.MLNet.Erasure.Log;

namespace Unlearn.MLNet;

/// <summary>
/// What was done about a request and what was measured, without the rows themselves: keyed hashes stand for them. It follows from the log alone.
/// </summary>
public sealed record ErasureCertificate
{
    /// <summary>Id of the request.</summary>
    public required string RequestId { get; init; }

    /// <summary>Keyed hashes of the ids of all rows that the request named.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>When the request came.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it was due.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When it was completed.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>The method that served it: <c>nothing</c>, an unlearner, or <c>erased</c> if other requests had named all rows before.</summary>
    public required string Method { get; init; }

    /// <summary>Canonical text of the method and its options; empty if nothing was run.</summary>
    public string Specification { get; init; } = "";

    /// <summary>Seed of the method; <see langword="null"/> if nothing was run.</summary>
    public long? Seed { get; init; }

    /// <summary>Seconds that the method took.</summary>
    public double Seconds { get; init; }

    /// <summary>Why the plan chose its method, in words.</summary>
    public required string PlanReason { get; init; }

    /// <summary>SHA-256 of the file of the model before.</summary>
    public required string ModelBefore { get; init; }

    /// <summary>SHA-256 of the file of the model after.</summary>
    public required string ModelAfter { get; init; }

    /// <summary>All audits, those that failed included; the last one passed. None if all rows were erased before.</summary>
    public required IReadOnlyList<ErasureAudit> Audits { get; init; }

    /// <summary>Number and hash of the log's entry that completed the request: the certificate pins the log up to there.</summary>
    public required long LogIndex { get; init; }

    /// <inheritdoc cref="LogIndex"/>
    public required string LogHash { get; init; }

    /// <summary>Versions of the product and of what it ran on.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>What the certificate does not prove.</summary>
    public required IReadOnlyList<string> NotProven { get; init; }

    /// <summary>Reads a certificate.</summary>
    /// <param name="path">File in JSON.</param>
    /// <exception cref="FormatException">The file is no certificate.</exception>
    public static ErasureCertificate Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ErasureCertificate>(File.ReadAllBytes(path), ErasureJson.Options) ?? throw new JsonException("empty");
        }
        catch (JsonException cause)
        {
            throw new FormatException($"'{path}' is no certificate of an erasure, or was damaged.", cause);
        }
    }
}
