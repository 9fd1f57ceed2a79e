namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>
/// Runs of a calibration: how many it may take, which is a share of the study's trials, and how they are divided. It counts runs, not seconds, so that
/// results depend neither on the clock nor on the load.
/// </summary>
internal sealed class CalibrationAllowance
{
    /// <summary>Strengths of an unlearner that the division makes room for.</summary>
    public const int ExpectedStrengths = 6;

    private const int FewestRetrainings = 2;

    private long _left;

    /// <summary>
    /// Divides the runs. As long as they do not suffice for six strengths of every unlearner and their check, there are fewer of each, in this order:
    /// retrainings of a forget set down to two,
    /// sets to check on down to one, forget sets of the search down to one.
    /// </summary>
    /// <param name="options">The numbers that were asked for.</param>
    /// <param name="trials">Trials of the study.</param>
    /// <param name="unlearners">Unlearners to calibrate.</param>
    /// <param name="shares">Number of different forget shares, each of which has forget sets and retrainings of its own.</param>
    public CalibrationAllowance(CalibrationOptions options, int trials, int unlearners, int shares)
    {
        Limit = (long)Math.Min(options.LargestCostShare * trials, long.MaxValue / 2);
        (ForgetSets, CheckSets, Retrainings) = (options.ForgetSets, options.CheckSets, options.Retrainings);
        while (OfRetrainings() + unlearners * ((long)ExpectedStrengths * ForgetSets + CheckSets) > Limit)
            if (Retrainings > FewestRetrainings)
                Retrainings--;
            else if (CheckSets > 1)
                CheckSets--;
            else if (ForgetSets > 1)
                ForgetSets--;
            else
                break;
        _left = Limit - OfRetrainings();

        long OfRetrainings() => (long)shares * (ForgetSets + CheckSets) * Retrainings;
    }

    /// <summary>Largest number of unlearning runs and retrainings.</summary>
    public long Limit { get; }

    /// <summary>Forget sets of each forget share.</summary>
    public int ForgetSets { get; }

    /// <summary>Further forget sets of each forget share, to check the chosen strength on.</summary>
    public int CheckSets { get; }

    /// <summary>Retrainings without each forget set.</summary>
    public int Retrainings { get; }

    /// <summary>Whether the runs suffice for the retrainings and for one strength of one unlearner with its check.</summary>
    public bool Suffices => _left >= ForgetSets + CheckSets;

    /// <summary>Takes the runs of one strength.</summary>
    /// <param name="isFirst">Whether it is the unlearner's first; the runs of its check are taken as well.</param>
    /// <returns>Whether there were enough; if not, none are taken.</returns>
    public bool TryTake(bool isFirst)
    {
        var runs = ForgetSets + (isFirst ? CheckSets : 0);
        if (_left < runs)
            return false;
        _left -= runs;
        return true;
    }
}
