namespace Unlearn.MLNet;

/// <summary>Wall-clock seconds of a study and its stages.</summary>
public sealed record StudySeconds
{
    /// <summary>Seconds of the whole study.</summary>
    public required double Total { get; init; }

    /// <summary>Seconds of training the target.</summary>
    public required double Target { get; init; }

    /// <summary>Seconds of fitting and computing the factors, reference models included.</summary>
    public required double Factors { get; init; }

    /// <summary>Seconds of finding the strengths of approximate unlearners; what an earlier run had measured costs nothing.</summary>
    public double Calibration { get; init; }

    /// <summary>Seconds of this run's unlearning trials; trials that an earlier run had finished cost nothing.</summary>
    public required double Trials { get; init; }

    /// <summary>Seconds of training and scoring the hardness models.</summary>
    public required double Hardness { get; init; }
}
