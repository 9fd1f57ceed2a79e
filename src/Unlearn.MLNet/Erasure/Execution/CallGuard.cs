namespace Unlearn.MLNet.Erasure.Execution;

/// <summary>Lets one call in at a time, and refuses others.</summary>
internal sealed class CallGuard
{
    private int _isBusy;

    /// <summary>Begins a call, which ends when the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another call has not ended.</exception>
    public IDisposable Enter() => Interlocked.Exchange(ref _isBusy, 1) == 0
        ? new Call(this)
        : throw new InvalidOperationException("The workspace serves another call: its methods are called one after the other.");

    private sealed class Call(CallGuard guard) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref guard._isBusy, 0);
    }
}
