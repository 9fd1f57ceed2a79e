namespace Unlearn.MLNet;

/// <summary>How the calibration of an unlearner ended.</summary>
public enum CalibrationVerdict
{
    /// <summary>
    /// At the chosen strength the unlearner undoes as much as retraining, within the budget of accuracy: in the search, and again on forget sets that the
    /// search did not see.
    /// </summary>
    Reached,

    /// <summary>
    /// No strength that was tried does so. The chosen one is the strongest of those within the budget that undo less, or the weakest if all undo more.
    /// </summary>
    StrongestWithinBudget,

    /// <summary>Every strength costs more accuracy than the budget, or diverges. The unlearner keeps its own options, which is a warning.</summary>
    NothingFits,

    /// <summary>
    /// Retraining moves the forgotten rows' mean confidence by less than retrained models scatter, so there is nothing to calibrate to. The unlearner
    /// keeps its own options.
    /// </summary>
    BelowNoise,

    /// <summary>The unlearner is no <see cref="IAdjustableUnlearner"/>. It keeps its own options.</summary>
    NotAdjustable,

    /// <summary>
    /// The study has too few trials for <see cref="CalibrationOptions.LargestCostShare"/> to allow a single strength. The unlearner keeps its own
    /// options.
    /// </summary>
    TooFewTrials,

    /// <summary>
    /// The search found such a strength, which the trials use. On other forget sets it undoes too much or too little, or costs too much accuracy.
    /// </summary>
    NotConfirmed,
}
