namespace Unlearn.Transforms;

/// <summary>Torch's native library cannot be loaded; the message names the cause and the cure.</summary>
public sealed class TorchUnavailableException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public TorchUnavailableException() { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and cure.</param>
    public TorchUnavailableException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and cure.</param>
    /// <param name="innerException">The loader's exception.</param>
    public TorchUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}
