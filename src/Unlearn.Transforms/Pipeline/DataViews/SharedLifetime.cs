namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>The life of a resource that several users share. It ends when the owner has closed it and the last user has left.</summary>
/// <param name="closed">Message for whoever comes after the owner closed it.</param>
/// <param name="end">Frees the resource. Called once.</param>
internal sealed class SharedLifetime(string closed, Action end)
{
    private readonly Lock _lock = new();
    private int _users;
    private bool _isClosed;

    /// <summary>Begins a use. Disposing the returned object ends it.</summary>
    /// <exception cref="ObjectDisposedException">The owner has closed the resource.</exception>
    public IDisposable Use()
    {
        lock (_lock)
        {
            if (_isClosed)
                throw new ObjectDisposedException(null, closed);
            _users++;
        }
        return new User(this);
    }

    /// <summary>Lets nobody in any more. May be called repeatedly.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (_users > 0)
                return;
        }
        end();
    }

    private void Leave()
    {
        lock (_lock)
            if (--_users > 0 || !_isClosed)
                return;
        end();
    }

    private sealed class User(SharedLifetime lifetime) : IDisposable
    {
        private SharedLifetime? _lifetime = lifetime;

        public void Dispose() => Interlocked.Exchange(ref _lifetime, null)?.Leave();
    }
}
