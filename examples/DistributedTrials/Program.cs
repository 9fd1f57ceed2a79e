using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Distributed;
using Unlearn.Examples.DistributedTrials;
using Unlearn.MLNet;
using Unlearn.Transforms;

// A worker: run as many as there are machines. The connection string holds a password, so it is no argument: others could see that.
if (args is ["worker"])
{
    using var end = new CancellationTokenSource();
    Console.CancelKeyPress += (_, pressed) =>
    {
        pressed.Cancel = true;
        end.Cancel();
    };
    await DistributedWorker.RunAsync(
        new() { ConnectionString = Variable("UNLEARN_CONNECTION"), Blobs = new BlobFolder(Variable("UNLEARN_BLOBS")), Workers = 1 }, end.Token);
    return 0;
}

// Everything on one machine: a server of its own, two workers, and the same labeling once more without them.
var context = new MLContext(seed: 1);
var people = People.Load(context, 400);
var options = new HardnessLabelingOptions
{
    Recipe = new TorchRecipe(TorchArchitecture.Mlp(4, 2, 32)) { Epochs = 20, Device = TorchDevice.Cpu },
    SingleRowTime = TimeSpan.Zero,
    MaximumTrials = 120,
};
using var server = new TemporaryPostgres(RandomNumberGenerator.GetHexString(16));
var blobs = Directory.CreateTempSubdirectory("unlearn-blobs-");
var cluster = new PostgresCluster(server.ConnectionString("postgres"), new BlobFolder(blobs.FullName));
var workers = Enumerable.Range(0, 2).Select(_ => StartWorker()).ToList();
try
{
    var there = Labels(await context.Data.LabelUnlearningHardnessAsync(people, options with { Cluster = cluster }));
    var here = Labels(await context.Data.LabelUnlearningHardnessAsync(people, options));
    var isSame = there.SequenceEqual(here);
    Console.WriteLine($"{there.Length} rows were labeled by 2 workers. {(isSame ? "All" : "NOT all")} scores are those of one process.");
    return isSame ? 0 : 1;
}
finally
{
    workers.ForEach(worker =>
    {
        worker.Kill();
        worker.Dispose();
    });
    blobs.Delete(recursive: true);
}

Process StartWorker()
{
    var start = new ProcessStartInfo(Environment.ProcessPath!, ["worker"]);
    start.Environment["UNLEARN_CONNECTION"] = server.ConnectionString("postgres");
    start.Environment["UNLEARN_BLOBS"] = blobs.FullName;
    return Process.Start(start)!;
}

float[] Labels(IDataView labels) => [.. labels.GetColumn<float>("HardnessScore")];

static string Variable(string name) => Environment.GetEnvironmentVariable(name)
    ?? throw new InvalidOperationException($"The environment variable {name} is not set: a worker needs the connection string, and the folder of the blobs.");
