namespace Unlearn.Transforms.Factors;

/// <summary>A statistic that knows what its state must look like.</summary>
internal interface ICheckedStatistic : IFactorStatistic
{
    /// <summary>Checks a state that was read from a file: types, shapes and values of all entries.</summary>
    /// <param name="state">The state.</param>
    /// <param name="probe">A batch of rows of the target, with gradients.</param>
    /// <exception cref="FormatException">The state is not one that this statistic learns with this target.</exception>
    void Check(SavedState state, FactorBatch probe);
}
