using System.Text;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>
/// What the same stream of requests costs with SISA (Bourtoule et al., arXiv 1912.03817), one slice a shard: each request retrains the shards of its rows at
/// once, from scratch. It needs no labels, no audits and no waiting, since the models never saw the rows; the price is accuracy.
/// </summary>
/// <param name="data">Training and test rows.</param>
/// <param name="recipe">How each shard is trained.</param>
/// <param name="settings">How large the stream is.</param>
internal sealed class SisaStudy(StudyData data, TorchRecipe recipe, ValueSettings settings)
{
    private static readonly int[] Shards = [2, 5, 10, 20];

    private readonly TorchRecipe _single = recipe with { Stack = 1 };
    private readonly long _seed = Seed.Derive(settings.Seed, "sisa");

    /// <summary>Runs the stream for several numbers of shards.</summary>
    /// <param name="say">Gets a line after each.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>A table in Markdown.</returns>
    public string Run(Action<string> say, CancellationToken cancellationToken)
    {
        int[] all = [.. Enumerable.Range(0, data.Rows.Count)];
        (_single with { Epochs = 1 }).Train(data.Rows, all, _seed, cancellationToken: cancellationToken).Dispose(); // warms up
        var target = Timed.Run<ITarget>(
            () => _single.Train(data.Rows, all, Seed.Derive(settings.Seed, "value study target"), cancellationToken: cancellationToken));
        var stream = RequestStream.Draw(data.Rows, target.Value, all, settings.Requests, Seed.Derive(settings.Seed, "stream"));
        using ErasureWorld world = new(_single, data.Rows, data.TestRows, target, stream, Seed.Derive(settings.Seed, "world"));
        int[] times = [.. Enumerable.Range(0, 8).Select(i => i * (stream.Count - 1) / 7)];
        foreach (var time in times)
            world.RetrainedAt(time, cancellationToken);
        var each = stream.Count * world.RetrainingSeconds;
        var text = new StringBuilder(Invariant($"{data.Title}: {stream.Count} requests for {stream.Sum(request => request.Rows.Length)} "))
            .Append(Invariant($"of {data.Rows.Count} rows; "))
            .Append(Invariant($"a retraining takes {world.RetrainingSeconds:0.00} s, "))
            .Append(Invariant($"the test accuracy is {world.TestAccuracy(target.Value):0.000} before the "))
            .Append(Invariant($"requests and {world.TestAccuracy(world.RetrainedAt(stream.Count - 1, cancellationToken).Value):0.000} after them.\n\n"))
            .Append("| shards | set-up, seconds | seconds | of retraining each | shards retrained a request | accuracy before | after |\n")
            .Append("|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var shards in Shards)
        {
            var (setUp, seconds, trainings, before, after) = Serve(world, shards, cancellationToken);
            text.Append(Invariant($"| {shards} | {setUp:0.0} | {seconds:0.0} | {seconds / each:0.000} | {trainings / (double)stream.Count:0.00} "))
                .Append(Invariant($"| {before:0.000} | {after:0.000} |\n"));
            say(Invariant($"SISA with {shards} shards: {seconds:0.0} s, {trainings} trainings"));
        }
        return text.ToString();
    }

    private (double SetUp, double Seconds, int Trainings, double Before, double After) Serve(
        ErasureWorld world, int shards, CancellationToken cancellationToken)
    {
        int[] dealt = [.. Enumerable.Range(0, data.Rows.Count)];
        new SeededRandom(Seed.Derive(_seed, "shards", shards)).Shuffle<int>(dealt);
        HashSet<int>[] rows = [.. Enumerable.Range(0, shards).Select(shard => dealt.Where((_, i) => i % shards == shard).ToHashSet())];
        var trainings = 0;
        var setUp = Timed.Run(() => rows.Select(Train).ToArray());
        var ensemble = new EnsembleTarget(setUp.Value);
        var before = world.TestAccuracy(ensemble);
        var served = Timed.Run(() =>
        {
            var count = 0;
            foreach (var request in world.Stream)
                for (var shard = 0; shard < shards; shard++)
                    if (request.Rows.Where(rows[shard].Remove).ToList().Count > 0)
                    {
                        setUp.Value[shard].Dispose();
                        setUp.Value[shard] = Train(rows[shard]);
                        count++;
                    }
            return count;
        });
        using var left = new EnsembleTarget(setUp.Value);
        return (setUp.Seconds, served.Seconds, served.Value, before, world.TestAccuracy(left));

        ITarget Train(HashSet<int> shard) =>
            _single.Train(data.Rows, shard.Order().ToArray(), Seed.Derive(_seed, "training", trainings++), cancellationToken: cancellationToken);
    }
}
