namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>Processor time of a calibration: what it may take, which is a share of the trials' time, and what it took.</summary>
/// <param name="share">Largest share of the trials' time.</param>
internal sealed class CalibrationAllowance(double share)
{
    /// <summary>Seconds that are always allowed, so that small studies do not depend on how a few milliseconds were measured.</summary>
    public const double AlwaysAllowed = 5;

    private double _trials;
    private double _spent;

    /// <summary>Takes note of trials that the study will run.</summary>
    public void Expect(int trials, double secondsPerTrial) => _trials += trials * secondsPerTrial;

    /// <summary>Takes note of runs of the calibration.</summary>
    public void Spend(IEnumerable<CalibrationMeasurement> runs) => _spent += runs.Sum(run => run.Seconds);

    /// <summary>Seconds left.</summary>
    public double Left => Math.Max(AlwaysAllowed, share * _trials) - _spent;

    /// <summary>Forget sets and retrainings of each that cost up to half of the allowance, as far as that is known before the first run: a trial of an exact unlearner costs at least a retraining.</summary>
    /// <param name="options">The numbers that were asked for.</param>
    /// <param name="exactTrials">Trials of exact unlearners.</param>
    /// <param name="shares">Number of different forget shares, each of which has its own.</param>
    public static (int ForgetSets, int Retrainings) Reduce(CalibrationOptions options, int exactTrials, int shares)
    {
        var (sets, retrainings) = (options.ForgetSets, options.Retrainings);
        while (shares * sets * retrainings > options.LargestCostShare * exactTrials / 2 && (retrainings > 2 || sets > 1))
            (sets, retrainings) = retrainings > 2 ? (sets, retrainings - 1) : (sets - 1, retrainings);
        return (sets, retrainings);
    }
}
