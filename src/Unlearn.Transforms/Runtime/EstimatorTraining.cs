using Microsoft.ML;
using Unlearn.Transforms.Interop;

namespace Unlearn.Transforms.Runtime;

/// <summary>Trains ML.NET's estimators: on a thread of the pool, and so that a token stops them.</summary>
internal static class EstimatorTraining
{
    /// <summary>Runs a training.</summary>
    /// <param name="context">The context that it runs in; it is told to stop when the token is cancelled, so it should serve nothing else.</param>
    /// <param name="what">What is trained, for the message.</param>
    /// <param name="fit">The training.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled, whatever the training then failed with.</exception>
    public static ITransformer Run(MLContext context, string what, Func<ITransformer> fit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var registration = cancellationToken.Register(() => MLNetInternals.Cancel(context));
        try
        {
            return PoolThread.Run(fit);
        }
        catch (Exception cause) when (cancellationToken.IsCancellationRequested && cause is not OperationCanceledException)
        {
            throw new OperationCanceledException($"The training of {what} was stopped.", cause, cancellationToken);
        }
    }
}
