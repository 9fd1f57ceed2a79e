namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>A row of a step, and the weight of its cross-entropy in the step's loss: below 0 to go up.</summary>
/// <param name="Position">Position of the row.</param>
/// <param name="Weight">Weight.</param>
internal readonly record struct WeightedRow(int Position, float Weight)
{
    /// <summary>Rows of which the mean has a weight.</summary>
    public static IEnumerable<WeightedRow> Mean(int[] positions, double weight) => positions.Select(position => new WeightedRow(position, (float)(weight / positions.Length)));
}
