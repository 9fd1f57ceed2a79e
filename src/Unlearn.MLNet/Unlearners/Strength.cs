namespace Unlearn.MLNet.Unlearners;

/// <summary>How strengths scale the options of unlearners; see <see cref="IAdjustableUnlearner"/>.</summary>
internal static class Strength
{
    /// <summary>Words for <see cref="OfTraining"/>.</summary>
    public const string Training = "learning rate; beyond twice the recipe's, the epochs";

    /// <summary>Words for <see cref="OfForgetting"/>.</summary>
    public const string Forgetting = "below 1, the weight of the forgotten rows; above 1, the learning rate, and beyond twice the recipe's, the epochs";

    // Trainings seldom diverge below twice the rate that the recipe trains well with.
    private const double LargestRate = 2;

    /// <summary>Checks a strength.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive and finite.</exception>
    public static double Check(double strength) => Option.Positive(strength, nameof(strength));

    /// <summary>
    /// Scales the product of learning rate and epochs. The rate rises to twice the recipe's, or to the own rate if that is higher. Beyond that, the epochs
    /// rise,
    /// and the rate makes up for whole epochs.
    /// </summary>
    /// <param name="strength">Strength.</param>
    /// <param name="rate">Relative learning rate.</param>
    /// <param name="epochs">Epochs.</param>
    public static (double Rate, int Epochs) OfTraining(double strength, double rate, int epochs)
    {
        var limit = Math.Max(rate, LargestRate);
        if (Check(strength) * rate <= limit)
            return (strength * rate, epochs);
        var longer = Times(epochs, strength * rate / limit);
        return (strength * rate * epochs / longer, longer);
    }

    /// <summary>
    /// Scales an unlearner whose forgetting has a weight of its own. Strengths below 1 scale that weight alone, so that the rest repairs as before. Above 1,
    /// they scale the training as a whole,
    /// since adaptive optimizers hardly notice a larger weight.
    /// </summary>
    /// <param name="strength">Strength.</param>
    /// <param name="weight">Weight of the forgotten rows.</param>
    /// <param name="rate">Relative learning rate.</param>
    /// <param name="epochs">Epochs.</param>
    public static (double Weight, double Rate, int Epochs) OfForgetting(double strength, double weight, double rate, int epochs)
    {
        var (scaledRate, scaledEpochs) = OfTraining(Math.Max(Check(strength), 1), rate, epochs);
        return (weight * Math.Min(strength, 1), scaledRate, scaledEpochs);
    }

    /// <summary>Multiplies the odds (1 − α) : α of the forgotten rows.</summary>
    /// <param name="strength">Strength.</param>
    /// <param name="retainWeight">α, between 0 and 1.</param>
    /// <returns>The new α.</returns>
    public static double OfRetainWeight(double strength, double retainWeight) =>
        Check(strength) == 1 ? retainWeight : retainWeight / (retainWeight + strength * (1 - retainWeight));

    /// <summary>Multiplies a number, rounded up; at most <see cref="int.MaxValue"/>.</summary>
    public static int Times(int number, double factor) => (int)Math.Min(Math.Ceiling(number * factor), int.MaxValue);
}
