namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>Runs of a calibration: how many it may take, which is a share of the study's trials, and how they are divided. It counts runs, not seconds, so that results depend neither on the clock nor on the load.</summary>
internal sealed class CalibrationAllowance
{
    private const int ExpectedStrengths = 6;
    private const int FewestRetrainings = 2;

    private long _left;

    /// <summary>
    /// Divides the runs. As long as they do not suffice for six strengths of every unlearner, there are fewer of each, in this order: retrainings of a forget set down to two, forget sets down to one.
    /// </summary>
    /// <param name="options">The numbers that were asked for.</param>
    /// <param name="trials">Trials of the study.</param>
    /// <param name="unlearners">Unlearners to calibrate.</param>
    /// <param name="shares">Number of different forget shares, each of which has forget sets and retrainings of its own.</param>
    public CalibrationAllowance(CalibrationOptions options, int trials, int unlearners, int shares)
    {
        Limit = (long)Math.Min(options.LargestCostShare * trials, long.MaxValue / 2);
        (ForgetSets, Retrainings) = (options.ForgetSets, options.Retrainings);
        while (OfRetrainings() + unlearners * ExpectedStrengths * (long)ForgetSets > Limit && (Retrainings > FewestRetrainings || ForgetSets > 1))
            (ForgetSets, Retrainings) = Retrainings > FewestRetrainings ? (ForgetSets, Retrainings - 1) : (ForgetSets - 1, Retrainings);
        _left = Limit - OfRetrainings();

        long OfRetrainings() => (long)shares * ForgetSets * Retrainings;
    }

    /// <summary>Largest number of unlearning runs and retrainings.</summary>
    public long Limit { get; }

    /// <summary>Forget sets of each forget share.</summary>
    public int ForgetSets { get; }

    /// <summary>Retrainings without each forget set.</summary>
    public int Retrainings { get; }

    /// <summary>Whether the runs suffice for the retrainings and one strength of one unlearner.</summary>
    public bool Suffices => _left >= ForgetSets;

    /// <summary>Takes the runs of one strength.</summary>
    /// <returns>Whether there were enough; if not, none are taken.</returns>
    public bool TryTake()
    {
        if (!Suffices)
            return false;
        _left -= ForgetSets;
        return true;
    }
}
