namespace Unlearn.MLNet;

/// <summary>
/// How a study finds the strength of each <see cref="IAdjustableUnlearner"/> before the trials: on forget sets and seeds that no trial uses, until the
/// forgotten rows' mean confidence equals
/// that of retrained models. The result is <see cref="UnlearnerCalibration"/>.
/// </summary>
public sealed record CalibrationOptions
{
    /// <summary>
    /// Accuracy that unlearning may cost beyond what retraining costs, in [0, 1]: of the retained rows and of the test rows, each its own.
    /// It counts from the lower of the target's and the retrained models' accuracy on the same rows, since training on fewer rows costs accuracy by itself.
    /// </summary>
    /// <value>Default 0.02, two points.</value>
    public double AccuracyBudget { get; init; } = 0.02;

    /// <summary>Least undone share that counts as unlearned, in (0, 1].</summary>
    /// <value>Default 0.9.</value>
    public double LeastUndoneShare { get; init; } = 0.9;

    /// <summary>Largest undone share that counts as unlearned, from 1.</summary>
    /// <value>Default 1.1.</value>
    public double LargestUndoneShare { get; init; } = 1.1;

    /// <summary>
    /// Number of forget sets that each strength is tried on, from 1. Each has as many rows as a trial's. <see cref="LargestCostShare"/> may ask for
    /// fewer.
    /// </summary>
    /// <value>Default 2.</value>
    public int ForgetSets { get; init; } = 2;

    /// <summary>Number of further forget sets that the chosen strength is checked on, from 1. <see cref="LargestCostShare"/> may ask for fewer.</summary>
    /// <value>Default 2.</value>
    public int CheckSets { get; init; } = 2;

    /// <summary>
    /// Number of exact retrainings without each forget set, from 2, with a seed each. All unlearners that forget as many rows share them.
    /// <see cref="LargestCostShare"/> may ask for fewer.
    /// </summary>
    /// <value>Default 3.</value>
    public int Retrainings { get; init; } = 3;

    /// <summary>Weakest strength to try, in (0, 1].</summary>
    /// <value>Default 1/16.</value>
    public double WeakestStrength { get; init; } = 1.0 / 16;

    /// <summary>Strongest strength to try, from 1.</summary>
    /// <value>Default 64.</value>
    public double StrongestStrength { get; init; } = 64;

    /// <summary>Ratio of one strength of the ladder to the next, above 1. The ladder begins at strength 1.</summary>
    /// <value>Default 2.</value>
    public double LadderFactor { get; init; } = 2;

    /// <summary>Largest number of strengths to try between two of the ladder, from 0.</summary>
    /// <value>Default 4.</value>
    public int Refinements { get; init; } = 4;

    /// <summary>
    /// Largest number of unlearning runs and retrainings of the calibration, as a share of the study's trials, above 0; infinity means no limit. If it does
    /// not suffice for six strengths of every
    /// unlearner, there are fewer retrainings without each forget set, then fewer sets to check on, then fewer forget sets, and last fewer strengths.
    /// </summary>
    /// <value>Default 0.2.</value>
    public double LargestCostShare { get; init; } = 0.2;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        Require(AccuracyBudget is >= 0 and <= 1, nameof(AccuracyBudget), AccuracyBudget, "between 0 and 1");
        Require(LeastUndoneShare is > 0 and <= 1, nameof(LeastUndoneShare), LeastUndoneShare, "above 0 and at most 1");
        Require(LargestUndoneShare >= 1 && double.IsFinite(LargestUndoneShare), nameof(LargestUndoneShare), LargestUndoneShare, "finite and at least 1");
        Require(ForgetSets >= 1, nameof(ForgetSets), ForgetSets, "at least 1");
        Require(CheckSets >= 1, nameof(CheckSets), CheckSets, "at least 1");
        Require(Retrainings >= 2, nameof(Retrainings), Retrainings, "at least 2, since their scatter is the noise");
        Require(WeakestStrength is > 0 and <= 1, nameof(WeakestStrength), WeakestStrength, "above 0 and at most 1");
        Require(StrongestStrength >= 1 && double.IsFinite(StrongestStrength), nameof(StrongestStrength), StrongestStrength, "finite and at least 1");
        Require(LadderFactor > 1 && double.IsFinite(LadderFactor), nameof(LadderFactor), LadderFactor, "finite and above 1");
        Require(Refinements >= 0, nameof(Refinements), Refinements, "at least 0");
        Require(LargestCostShare > 0, nameof(LargestCostShare), LargestCostShare, "above 0; infinity stands for no limit");

        static void Require(bool isInRange, string name, double value, string range)
        {
            if (!isInRange)
                throw new ArgumentException(Invariant($"{nameof(CalibrationOptions)}.{name} must be {range}, got {value}."));
        }
    }
}
