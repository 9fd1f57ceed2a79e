using Microsoft.ML;
using Unlearn.MLNet;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Studies and labelings through a cluster come to the same numbers as in one process.</summary>
public sealed class StudyTests(PostgresServer server)
{
    [Fact]
    public async Task A_study_comes_to_the_same_numbers()
    {
        using var folder = new TemporaryFolder();
        var options = TinyStudy.Options(folder.Path, workers: 1) with { SingleRows = new() { Unlearners = ["EU"], Rows = 50, Repetitions = 1 } };
        var database = server.NewDatabase();
        var blobs = new BlobFolder(folder.File("blobs"));
        using var rows = TinyStudy.Rows(120);
        using var test = TinyStudy.Rows(40, seed: 2);
        var here = await new HardnessStudy(options).RunAsync(rows, test, cancellationToken: TestContext.Current.CancellationToken);
        await using var worker = new InProcessWorker(database, blobs);
        var there = await new HardnessStudy(options with { LedgerPath = "", Cluster = Cluster(database, blobs) })
            .RunAsync(rows, test, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Numbers(here), Numbers(there));
    }

    [Fact]
    public async Task A_labeling_comes_to_the_same_labels()
    {
        var context = new MLContext(1);
        using var folder = new TemporaryFolder();
        var database = server.NewDatabase();
        var blobs = new BlobFolder(folder.File("blobs"));
        var options = new HardnessLabelingOptions { Recipe = TinyStudy.Recipe, MaximumTrials = 60, SingleRowTime = TimeSpan.Zero };
        var data = TinyStudy.View(context, 60);
        var here = await new HardnessLabeler(options).RunAsync(data, cancellationToken: TestContext.Current.CancellationToken);
        await using var worker = new InProcessWorker(database, blobs);
        var there = await new HardnessLabeler(options with { Cluster = Cluster(database, blobs) })
            .RunAsync(data, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            here.Trials.Scores.SelectMany(score => score.All).Select(BitConverter.DoubleToInt64Bits),
            there.Trials.Scores.SelectMany(score => score.All).Select(BitConverter.DoubleToInt64Bits));
    }

    private static PostgresCluster Cluster(string database, BlobFolder blobs) => new(database, blobs)
    {
        Ledger = "tiny",
        PollInterval = TimeSpan.FromSeconds(0.1),
        WorkerTimeout = TimeSpan.FromMinutes(1),
    };

    private static IEnumerable<string> Numbers(StudyResult result) => result.Unlearners.Select(unlearner =>
        $"{unlearner.Name} {unlearner.Evaluation.Ceiling:R} " + string.Join(' ', unlearner.Scores.Select(BitConverter.DoubleToInt64Bits)));
}
