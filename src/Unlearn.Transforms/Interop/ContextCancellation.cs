using Microsoft.ML.Runtime;

namespace Unlearn.Transforms.Interop;

/// <summary>
/// A token that is cancelled with another one, or when an ML context is told to stop what it runs. ML.NET has only a state to look at, which is looked at ten
/// times a second.
/// </summary>
internal sealed class ContextCancellation : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly IHost _host;
    private readonly CancellationToken _other;
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;
    private bool _isDisposed;

    /// <param name="environment">The context, or a host of it.</param>
    /// <param name="other">The other token.</param>
    /// <param name="time">Source of the time; the system's by default.</param>
    /// <exception cref="OperationCanceledException">It was told to stop before.</exception>
    public ContextCancellation(IHostEnvironment environment, CancellationToken other, TimeProvider? time = null)
    {
        // A host without a seed would take a number of the context's, and what comes after would take others.
        (_host, _other) = (environment.Register(nameof(ContextCancellation), seed: 0), other);
        ThrowIfCancelled();
        _source = CancellationTokenSource.CreateLinkedTokenSource(other);
        _timer = (time ?? TimeProvider.System).CreateTimer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _source.Token;

    /// <exception cref="OperationCanceledException">As the other token throws it, or ML.NET.</exception>
    public void ThrowIfCancelled()
    {
        _other.ThrowIfCancellationRequested();
        MLNetInternals.CheckAlive(_host);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isDisposed = true;
            _source.Dispose();
        }
    }

    // A timer may still call once when it was disposed.
    private void Look()
    {
        lock (_lock)
            if (!_isDisposed && !_source.IsCancellationRequested && MLNetInternals.IsCancelled(_host))
                _source.Cancel();
    }
}
