namespace Unlearn.Transforms;

/// <summary>A training whose loss became NaN or infinite.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    /// <summary>Creates the exception with no message of its own.</summary>
    public TrainingDivergedException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What diverged, and where.</param>
    public TrainingDivergedException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What diverged, and where.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingDivergedException(string message, Exception innerException) : base(message, innerException) { }

    internal static TrainingDivergedException AtEpoch(int epoch, double loss) => new(string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"Training diverged: the mean loss of epoch {epoch} is {loss}. Lower the learning rate or check the features' scale."));
}
