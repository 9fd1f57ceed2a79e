namespace Unlearn.MLNet;

/// <summary>
/// An approximate unlearner with one dial: how strongly it changes the target. A calibration turns the dial until the unlearner forgets as much as
/// retraining does.
/// </summary>
public interface IAdjustableUnlearner : IUnlearner
{
    /// <summary>What the strength scales, in words, for example "learning rate and epochs".</summary>
    string StrengthScales { get; }

    /// <summary>The same unlearner with another strength. The mean confidence in the forgotten rows should fall as the strength rises.</summary>
    /// <param name="strength">Strength relative to this unlearner's options, above 0 and finite: 1 leaves the options as they are.</param>
    /// <returns>An unlearner of the same name. Its specification tells its own options, so that trials of different strengths never mix.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The strength is outside its range.</exception>
    IUnlearner WithStrength(double strength);
}
