using Unlearn.Transforms;

namespace Unlearn.Distributed.Tests;

/// <summary>A worker in the tests' own process, which starts sooner.</summary>
internal sealed class InProcessWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _worker;

    public InProcessWorker(string database, IBlobStore blobs, params ITrainingRecipe[] recipes) => _worker = DistributedWorker.RunAsync(
        new()
        {
            ConnectionString = database,
            Blobs = blobs,
            Workers = 1,
            Recipes = recipes,
            Timeout = TimeSpan.FromSeconds(3),
            PollInterval = TimeSpan.FromSeconds(0.1),
        },
        _end.Token);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _worker;
        _end.Dispose();
    }
}
