using System.Globalization;
using Unlearn.Distributed;
using Unlearn.Distributed.TestWorker;
using Unlearn.MLNet;

// A worker for tests: BLOBS DIARY TIMEOUT-SECONDS WORKERS. It says when it is ready, and ends at the end of its input.
if (args is not [var blobs, var diary, var timeout, var workers])
{
    Console.Error.WriteLine("BLOBS DIARY TIMEOUT-SECONDS WORKERS");
    return 2;
}
Sleeping.Diary = diary;
KnownUnlearners.Register(new Sleeping());
using var end = new CancellationTokenSource();
var worker = DistributedWorker.RunAsync(
    new()
    {
        ConnectionString = Environment.GetEnvironmentVariable("UNLEARN_CONNECTION")!,
        Blobs = Environment.GetEnvironmentVariable(Unreadable.Variable) is null ? new BlobFolder(blobs) : new Unreadable(),
        Workers = int.Parse(workers, CultureInfo.InvariantCulture),
        Timeout = TimeSpan.FromSeconds(double.Parse(timeout, CultureInfo.InvariantCulture)),
        PollInterval = TimeSpan.FromSeconds(0.2),
    },
    end.Token);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}"));
_ = Task.Run(async () =>
{
    while (Console.ReadLine() is not null)
    {
    }
    await end.CancelAsync();
});
await worker;
return 0;
