namespace Unlearn.MLNet;

/// <summary>What became of a request.</summary>
public sealed record ErasureResult
{
    /// <summary>Id of the request.</summary>
    public required string RequestId { get; init; }

    /// <summary>How far it is.</summary>
    public required ErasureState State { get; init; }

    /// <summary>The method that served it; the one that it waits for, while it waits.</summary>
    public required string Method { get; init; }

    /// <summary>When the retraining must start that it waits for; <see langword="null"/> once it is completed.</summary>
    public DateTimeOffset? RetrainAt { get; init; }

    /// <summary>The audits, one for each method that was tried. The last one passed if the request is completed.</summary>
    public IReadOnlyList<ErasureAudit> Audits { get; init; } = [];

    /// <summary>Hash of the model that the request has led to; of the model as it is while it waits.</summary>
    public required string ModelHash { get; init; }

    /// <summary>File of the certificate, in JSON; a page for people lies beside it. <see langword="null"/> while it waits.</summary>
    public string? CertificatePath { get; init; }
}
