namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>A sound model names something that this process lacks: a custom architecture, a factor or a kind of target that was never registered.</summary>
internal sealed class UnknownPartException(string message, Exception cause) : InvalidOperationException(message, cause)
{
    /// <summary>Finds a part.</summary>
    /// <param name="find">Finds it, or throws.</param>
    /// <exception cref="UnknownPartException">It threw <see cref="InvalidOperationException"/>.</exception>
    public static T Find<T>(Func<T> find)
    {
        try
        {
            return find();
        }
        catch (Exception cause) when (cause.GetType() == typeof(InvalidOperationException))
        {
            throw new UnknownPartException(cause.Message, cause);
        }
    }
}
