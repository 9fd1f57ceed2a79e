using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Distributed;

/// <summary>Forgets nothing, after a while: what is left of the time is the engine's.</summary>
internal sealed class Sleeping : IUnlearner
{
    /// <summary>How long it sleeps.</summary>
    public int Milliseconds { get; init; } = 100;

    /// <inheritdoc/>
    public string Name => "SLEEP";

    /// <inheritdoc/>
    public string Specification => Invariant($"sleep/1 ms={Milliseconds}");

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        if (cancellationToken.WaitHandle.WaitOne(Milliseconds))
            cancellationToken.ThrowIfCancellationRequested();
        return new(((TorchTarget)request.Target).Clone());
    }
}
