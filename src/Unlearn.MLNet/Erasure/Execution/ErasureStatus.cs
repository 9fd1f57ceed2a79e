using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Erasure.Proof;
using Unlearn.MLNet.Erasure.Storage;

namespace Unlearn.MLNet;

/// <summary>What the log tells of a request.</summary>
public sealed record ErasureStatus
{
    /// <summary>Id of the request.</summary>
    public required string RequestId { get; init; }

    /// <summary>How far it is.</summary>
    public required ErasureState State { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When its rows must be erased.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When the retraining must start that it waits for; <see langword="null"/> while it does not wait.</summary>
    public DateTimeOffset? RetrainAt { get; init; }

    /// <summary>When its rows were erased; <see langword="null"/> until then.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>File of the certificate, in JSON; a page for people (<c>.html</c>) lies beside it. <see langword="null"/> until it is completed.</summary>
    public string? CertificatePath { get; init; }

    internal static ErasureStatus Of(RequestState request, WorkspaceFolder folder) => new()
    {
        RequestId = request.Id, State = request.State, ReceivedAt = request.ReceivedAt, DueAt = request.DueAt,
        RetrainAt = request.Waiting?.TimeOf("retrainAt"), CompletedAt = request.Completed?.Time,
        CertificatePath = request.Completed is null ? null : CertificateFiles.JsonPath(folder, request.Id),
    };
}
