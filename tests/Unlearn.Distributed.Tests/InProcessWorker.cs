using Unlearn.Distributed.TestWorker;
using Unlearn.MLNet;
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

    /// <summary>A worker that runs trials that sleep, and writes them down.</summary>
    public static InProcessWorker OfSleeping(ClusterCase trials)
    {
        Sleeping.Diary = trials.Diary;
        if (KnownUnlearners.All.All(known => known is not Sleeping))
            KnownUnlearners.Register(new Sleeping());
        return new(trials.Database, trials.Cluster.Blobs);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _worker;
        _end.Dispose();
    }
}
