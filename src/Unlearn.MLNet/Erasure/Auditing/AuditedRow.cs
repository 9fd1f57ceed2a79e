namespace Unlearn.MLNet;

/// <summary>What an audit measured of one erased row.</summary>
public sealed record AuditedRow
{
    /// <summary>Keyed hash that stands for the row's id.</summary>
    public required string Row { get; init; }

    /// <summary>ψ = log(p_y / (1 − p_y)) of the row in the audited model.</summary>
    public required double LogitConfidence { get; init; }

    /// <summary>μ_R: mean of ψ over models that never saw the row; NaN if there are none.</summary>
    public double RetrainedMean { get; init; } = double.NaN;

    /// <summary>σ_R: standard deviation of ψ over models that never saw the row; NaN if there are none.</summary>
    public double RetrainedDeviation { get; init; } = double.NaN;

    /// <summary>Residual memory max(0, (ψ − μ_R) / σ_R); NaN if no models that never saw the row are known.</summary>
    public double ResidualMemory => double.IsNaN(RetrainedDeviation) ? double.NaN : Math.Max(0, (LogitConfidence - RetrainedMean) / RetrainedDeviation);

    /// <summary>
    /// Offline LiRA (Carlini et al. 2022, section V-C): the share of retrained models, as a normal distribution, that are less confident of the row. 0.5 is
    /// what a model has on average that never saw the row.
    /// </summary>
    public required double MembershipScore { get; init; }
}
