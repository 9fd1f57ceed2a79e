namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>A row of a step, and the weight of its cross-entropy in the step's loss. A negative weight increases the row's loss.</summary>
/// <param name="Position">Position of the row.</param>
/// <param name="Weight">Weight.</param>
internal readonly record struct WeightedRow(int Position, float Weight)
{
    /// <summary>Weights the mean of some rows: each row gets weight / number of rows.</summary>
    public static IEnumerable<WeightedRow> Mean(int[] positions, double weight) =>
        positions.Select(position => new WeightedRow(position, (float)(weight / positions.Length)));
}
