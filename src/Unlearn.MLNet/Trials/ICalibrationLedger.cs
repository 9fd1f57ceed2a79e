namespace Unlearn.MLNet.Trials;

/// <summary>
/// Keeps what calibrations measured, so that a resumed calibration does not measure it again. It is thread-safe, and several processes may share the
/// storage behind it.
/// </summary>
internal interface ICalibrationLedger
{
    /// <summary>A measurement; <see langword="null"/> if there is none.</summary>
    /// <param name="id">SHA-256 of everything that the measurement depends on.</param>
    string? FindMeasurement(string id);

    /// <summary>Keeps a measurement. If there is one already, the first one stays.</summary>
    /// <param name="id">SHA-256 of everything that the measurement depends on.</param>
    /// <param name="unlearner">Name of the unlearner.</param>
    /// <param name="content">The measurement.</param>
    /// <returns>The measurement that is kept.</returns>
    string KeepMeasurement(string id, string unlearner, string content);
}
