using Unlearn.Distributed.Blobs;
using Unlearn.Distributed.Jobs;
using Unlearn.Distributed.Plans;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>What a worker cannot reproduce, it refuses, and the coordinator hears why.</summary>
public sealed class RefusalTests(PostgresServer server)
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_without_the_data_is_told_of_and_nothing_is_lost()
    {
        using var trials = new ClusterCase(server.NewDatabase(), 4, new ExactRetraining());
        using var elsewhere = new Unlearn.MLNet.Tests.TemporaryFolder();
        await using (new InProcessWorker(trials.Database, new BlobFolder(elsewhere.File("other"))))
            await ThrowsAsync(trials, "refuses the trials", "are not in the folder", "give the worker the same store");
        await using (new InProcessWorker(trials.Database, new BlobFolder(trials.Blobs)))
            Assert.Equal(4, (await trials.RunAsync()).Results.Count);
    }

    [Fact]
    public async Task A_blob_whose_hash_is_wrong_is_refused_and_put_right_by_the_coordinator()
    {
        using var trials = new ClusterCase(server.NewDatabase(), 4, new ExactRetraining());
        await using (new InProcessWorker(trials.Database, new Damaging(new BlobFolder(trials.Blobs))))
            await ThrowsAsync(trials, "are not what was put there", "they have SHA-256");

        foreach (var file in Directory.EnumerateFiles(trials.Blobs))
            await File.AppendAllTextAsync(file, "!", TestToken);
        await using (new InProcessWorker(trials.Database, new BlobFolder(trials.Blobs)))
            Assert.Equal(4, (await trials.RunAsync()).Results.Count);
    }

    [Theory]
    [InlineData("code", "code version 7, but the coordinator has code version 99")]
    [InlineData("torch", "but the coordinator has TorchSharp 0.1, libtorch 0.2")]
    [InlineData("format", "format 99")]
    [InlineData("context", "are of context 0000")]
    [InlineData("answers", "computes other predictions of the same model")]
    [InlineData("unlearner", "does not know the unlearner 'NOBODY'")]
    [InlineData("options", "is 'fine-tuning/1 epochs=2 rate=0.5' on the worker")]
    [InlineData("trials", "has no trial")]
    public async Task A_job_that_cannot_be_reproduced_fails_by_what_differs(string what, string expected)
    {
        using var trials = new ClusterCase(server.NewDatabase(), 2, new FineTuning());
        var blobs = new BlobFolder(trials.Blobs);
        var hash = PlanPublisher.Publish(blobs, "unlearn", trials.Setting(), trials.Plans, new());
        var right = TrialsDocument.Read(blobs, hash);
        var unlearner = right.Plans[0].Unlearner;
        var wrong = what switch
        {
            "code" => right with { CodeVersion = 99 },
            "torch" => right with { Torch = "TorchSharp 0.1, libtorch 0.2" },
            "format" => right with { Format = 99 },
            "context" => right with { Plans = [right.Plans[0] with { Context = "0000" }] },
            "answers" => right with { Setting = WithOtherAnswers(blobs, right.Setting) },
            "unlearner" => right with { Plans = [right.Plans[0] with { Unlearner = unlearner with { Name = "NOBODY" } }] },
            "options" => right with { Plans = [right.Plans[0] with { Unlearner = unlearner with { Specification = "another" } }] },
            _ => right with { Plans = [right.Plans[0] with { Seed = 2 }] },
        };
        var plan = blobs.Put(stream => System.Text.Json.JsonSerializer.Serialize(stream, wrong));
        var store = new JobStore(new(trials.Database), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        var job = store.Enqueue(plan, [trials.Plans[0].Trials[0].Id]);
        await using var worker = new InProcessWorker(trials.Database, blobs);
        while (!store.Failed().Any(failed => failed.Id == job))
            await Task.Delay(50, TestToken);
        Assert.Contains(expected, store.Failed().Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipe_of_ones_own_must_be_known_to_the_worker()
    {
        using var trials = new ClusterCase(server.NewDatabase(), 4, new ExactRetraining());
        var own = new OwnRecipe((TorchRecipe)trials.Setting().Recipe);
        await using (new InProcessWorker(trials.Database, new BlobFolder(trials.Blobs)))
            await ThrowsAsync(trials, "does not know the recipe 'own/1", "name it in DistributedWorkerOptions.Recipes", trials.Setting(own));
    }

    [Fact]
    public async Task Without_a_worker_the_coordinator_gives_up_in_time()
    {
        using var trials = new ClusterCase(server.NewDatabase(), 2, new ExactRetraining());
        trials.Cluster = new(trials.Database, new BlobFolder(trials.Blobs))
        {
            WorkerTimeout = TimeSpan.FromSeconds(0.5),
            PollInterval = TimeSpan.FromSeconds(0.1),
        };
        await ThrowsAsync(trials, "No worker has been connected", "DistributedWorker.RunAsync");
    }

    private static async Task ThrowsAsync(ClusterCase trials, string expected, params string[] others) => await ThrowsAsync(trials, expected, others, null);

    private static async Task ThrowsAsync(ClusterCase trials, string expected, string other, TrialSetting setting) =>
        await ThrowsAsync(trials, expected, [other], setting);

    private static async Task ThrowsAsync(ClusterCase trials, string expected, string[] others, TrialSetting? setting)
    {
        var failure = await Assert.ThrowsAsync<DistributedTrialsException>(() => trials.RunAsync(cancellationToken: TestToken, setting: setting));
        Assert.All([expected, .. others], text => Assert.Contains(text, failure.Message, StringComparison.Ordinal));
    }

    private static string WithOtherAnswers(BlobFolder blobs, string setting)
    {
        var document = blobs.Read(setting, "setting", stream => System.Text.Json.JsonSerializer.Deserialize<SettingDocument>(stream)!);
        return blobs.Put(stream => System.Text.Json.JsonSerializer.Serialize(stream, document with { Answers = "another" }));
    }

    private sealed class Damaging(IBlobStore store) : IBlobStore
    {
        public bool Contains(string hash) => store.Contains(hash);

        public void Put(string hash, Stream content) => store.Put(hash, content);

        public Stream Open(string hash)
        {
            using var stream = store.Open(hash);
            var copy = new MemoryStream();
            stream.CopyTo(copy);
            var bytes = copy.ToArray();
            if (bytes[0] != '{') // documents stay
                bytes[^1] ^= 1;
            return new MemoryStream(bytes);
        }
    }

    private sealed class OwnRecipe(TorchRecipe recipe) : ITrainingRecipe
    {
        public string Specification => $"own/1 {recipe.Specification}";

        public ITarget Train(
            TrainingRows rows, ReadOnlyMemory<int> positions, long seed, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken) =>
            recipe.Train(rows, positions, seed, progress, cancellationToken);
    }
}
