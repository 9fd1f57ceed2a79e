using System.Net;
using System.Net.Sockets;

namespace Unlearn.Distributed.Tests;

/// <summary>Stands between worker and database, and can cut the network.</summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _clients = [];
    private readonly int _to;
    private bool _isCut;

    public TcpProxy(int to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends all connections, and each new one at once, or lets them through again.</summary>
    public void Cut(bool isCut)
    {
        lock (_clients)
        {
            _isCut = isCut;
            if (!isCut)
                return;
            _clients.ForEach(client => client.Dispose());
            _clients.Clear();
        }
    }

    public void Dispose()
    {
        Cut(true);
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ConnectAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ConnectAsync(TcpClient client)
    {
        try
        {
            var server = new TcpClient();
            lock (_clients)
            {
                _clients.AddRange([client, server]);
                if (_isCut)
                {
                    client.Dispose();
                    return;
                }
            }
            await server.ConnectAsync(IPAddress.Loopback, _to);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
            server.Dispose();
            client.Dispose();
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }
}
