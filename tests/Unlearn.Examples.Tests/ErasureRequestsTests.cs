using Microsoft.ML;
using Unlearn.Cli.Studies;
using Unlearn.Examples.ErasureRequests;
using Unlearn.MLNet;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class ErasureRequestsTests
{
    private const int Requests = 24;

    private sealed class Point
    {
        public int RowId { get; set; }

        [Microsoft.ML.Data.VectorType(6)]
        public float[] Features { get; set; } = [];

        [Microsoft.ML.Data.KeyType(2)]
        public uint Label { get; set; }
    }

    private sealed class Silent : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value)
        {
        }
    }

    // Two overlapping clouds: some rows can only be known by heart.
    private static TrainingRows Clouds(int count, int seed)
    {
        var random = new SeededRandom(seed);
        return TrainingRows.FromDataView(new MLContext(seed).Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(row => new Point
        {
            RowId = row,
            Label = (uint)(row % 2),
            Features = [.. Enumerable.Range(0, 6).Select(_ => (float)(random.NextNormal() + (row % 2 == 0 ? 0.4 : -0.4)))],
        })));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(5, 1)]
    [InlineData(25, 3)]
    public void A_request_may_have_as_many_rows_above_the_tolerance_as_retraining_has(int rows, int expected)
    {
        Assert.Equal(expected, Audit.Allowed(rows));
        Assert.True(Audit.Passes([.. Enumerable.Repeat(2.0, expected), .. Enumerable.Repeat(1.0, rows - expected)], 1.5));
        Assert.False(Audit.Passes([.. Enumerable.Repeat(2.0, expected + 1), .. Enumerable.Repeat(1.0, rows - expected - 1)], 1.5));
    }

    [Fact]
    public async Task A_tiny_study_runs_every_policy_and_writes_its_files()
    {
        using TemporaryFolder folder = new();
        using var data = new StudyData("clouds", Clouds(240, 1), Clouds(100, 2), ["a", "b"]);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(6, 2, 24)) { Epochs = 8, BatchSize = 16, Device = TorchDevice.Cpu };
        List<int> written = [];
        var result = await new ValueStudy(data, recipe, new(Requests, Coverage: 2, JudgeModels: 4, Seed: 1, Workers: 2), _ => { }).RunAsync(
            new Silent(),
            soFar =>
            {
                ValueFiles.Write(folder.File("out"), soFar);
                written.Add(File.ReadAllLines(Path.Combine(folder.File("out"), "policies.csv")).Length);
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(2, result.Policies.Count), written); // after each policy, with a header line
        Assert.All(result.Policies, policy =>
        {
            Assert.Equal(Enumerable.Range(0, Requests), policy.Requests.Select(done => done.Request.Number));
            Assert.All(policy.Requests, done => Assert.InRange(done.Waited, 0, RequestStream.DueAfter));
            Assert.Equal(result.RequestedRows, policy.Memories.Length);
        });
        var rows = result.Policies[0].Requests.SelectMany(done => done.Request.Rows).ToList();
        Assert.Equal(rows.Count, rows.Distinct().Count());

        var each = Of("retrain for each");
        Assert.Equal((Requests, 0, 0), (each.Retrainings, each.Unlearnings, each.Audits));
        Assert.All(each.Requests, done => Assert.Equal(0, done.Waited));
        var batches = Of("retrain in batches");
        Assert.Equal((1, RequestStream.DueAfter), (batches.Retrainings, batches.Requests[0].Waited)); // all requests come before the first is due
        Assert.True(batches.Seconds < each.Seconds / 4);
        Assert.Equal((0, Requests), (Of("FT, no audit").Retrainings, Of("FT, no audit").Unlearnings));
        var nothing = Of("nothing, audit, retrain");
        Assert.Equal((Requests, 0), (nothing.Audits, nothing.Unlearnings));
        Assert.Equal(nothing.AuditFailures, nothing.Retrainings);
        Assert.Equal(0, Of("predicted").Audits);
        Assert.True(Of("predicted").PredictionSeconds > 0);
        // The oracle leaves a request alone only where the judge finds no more than retraining leaves.
        Assert.All(
            Of("oracle").Requests.Where(done => done.Method == Route.NothingName), done => Assert.True(Audit.Passes([.. done.Memories], result.Tolerance)));

        Assert.Contains("| retrain in batches |", File.ReadAllText(Path.Combine(folder.File("out"), ValueFiles.Table)), StringComparison.Ordinal);
        Assert.Contains("<circle", File.ReadAllText(Path.Combine(folder.File("out"), ValueFiles.Chart)), StringComparison.Ordinal);

        PolicyOutcome Of(string name) => result.Policies.Single(policy => policy.Policy == name);
    }

    [Fact]
    public void With_SISA_each_request_retrains_the_shards_of_its_rows_alone()
    {
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(6, 2, 24)) { Epochs = 2, BatchSize = 16, Device = TorchDevice.Cpu };
        using var training = Clouds(400, 1);
        using var test = Clouds(100, 2);
        var table = new SisaStudy(new("Clouds", training, test, ["a", "b"]), recipe, new(Requests, 2, 4, Seed: 1, Workers: 1))
            .Run(_ => { }, TestContext.Current.CancellationToken);
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        Assert.Equal(["2", "5", "10", "20"], lines.Select(line => line.Split('|')[1].Trim()));
        var retrained = lines.Select(line => double.Parse(line.Split('|')[5], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.All(retrained, shards => Assert.InRange(shards, 1, 4)); // a person has up to four rows, most requests have one
        Assert.Equal(retrained.Order(), retrained);
    }

    [Theory]
    [InlineData("--data-set cifar", "Argument 'cifar' not recognized.")]
    [InlineData("--rows 300", "--rows must be at least 400.")]
    [InlineData("--requests 7", "--requests must be at least 8.")]
    public void A_bad_command_line_is_refused(string command, string expected) => Assert.StartsWith(expected,
        Assert.Single(ErasureCommand.Create(Cli.Terminal.Screen.OfProcess()).Parse(command).Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void A_stream_that_needs_more_rows_than_there_are_is_refused()
    {
        using var rows = Clouds(60, 1);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(6, 2)) { Epochs = 1, Device = TorchDevice.Cpu };
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), 1);
        var failure = Assert.Throws<ArgumentException>(() => RequestStream.Draw(rows, target, [.. Enumerable.Range(0, 10)], 30, 1));
        Assert.StartsWith("30 requests need more rows than the 10 that may be requested", failure.Message, StringComparison.Ordinal);
    }
}
