namespace Unlearn.Transforms;

/// <summary>Thrown when a training's loss or parameters become NaN or infinite.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public TrainingDivergedException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What diverged, and where.</param>
    public TrainingDivergedException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What diverged, and where.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingDivergedException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates the exception for a training that ended with a value that is not finite.</summary>
    internal static TrainingDivergedException NotFinite(string what) =>
        new($"Training diverged: at its end {what} is not finite. Lower the learning rate or check the features' scale.");

    internal static TrainingDivergedException AtEpoch(int epoch, double loss) => new(Invariant(
        $"Training diverged: the mean loss of epoch {epoch} is {loss}. Lower the learning rate or check the features' scale."));
}
