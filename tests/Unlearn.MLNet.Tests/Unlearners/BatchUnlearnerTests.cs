using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>What every unlearner that serves several requests at once must do, on every kind of model that is stacked.</summary>
public sealed class BatchUnlearnerTests
{
    private const int Stack = 3;

    public static TheoryData<string, string> Cases =>
    [
        .. from unlearner in OwnUnlearners.All.OfType<IBatchUnlearner>()
           from model in new[] { "linear", "mlp", "cnn", "text", "lone row" }
           select (unlearner.Name, model),
    ];

    public static TheoryData<string, string> CasesWithSteps => [.. Cases.Select(row => row.Data).Where(data => data.Item1 is not ("EU" or "SISA"))];

    private static UnlearningCase Case(string model) => model switch
    {
        "linear" => UnlearningCase.Small(TorchArchitecture.Mlp(8, 3), Stack),
        "mlp" => UnlearningCase.Small(TorchArchitecture.Mlp(8, 3, 12, 5), Stack),
        "cnn" => UnlearningCase.Cnn(Stack),
        "lone row" => UnlearningCase.Small(TorchArchitecture.Mlp(8, 3, 6), Stack, rows: 66), // of 65 rows in batches of 16 one is left
        _ => UnlearningCase.Text(Stack),
    };

    private static IBatchUnlearner Find(string name) => (IBatchUnlearner)KnownUnlearners.Find(name);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_model_is_that_of_its_request_alone(string name, string model)
    {
        using var data = Case(model);
        Assert.Equal(Stack, Find(name).BatchSize(data.Target, data.Recipe));
        UnlearningRequest[] requests = [data.Request(seed: 1, 4), data.Request(seed: 2, 7), data.Request(seed: 3, 58)];
        using var batch = Find(name).UnlearnMany(requests, CancellationToken.None);
        for (var i = 0; i < Stack; i++)
        {
            using var single = Find(name).Unlearn(requests[i], CancellationToken.None);
            using var ofBatch = batch.Take(i);
            Assert.NotEqual(UnlearningCase.State(data.Target), UnlearningCase.State(ofBatch.Model));
            Assert.All(UnlearningCase.State(single.Model).Zip(UnlearningCase.State(ofBatch.Model)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_model_depends_on_the_other_requests_and_one_that_diverges_spoils_no_other(string name, string model)
    {
        using var data = Case(model);
        data.Rows.Features[9].fill_(model == "text" ? 1 : float.NaN);
        using var batch = Find(name).UnlearnMany([data.Request(seed: 1, 4), data.Request(seed: 2, 9), data.Request(seed: 3, 58)], CancellationToken.None);
        using var other = Find(name).UnlearnMany([data.Request(seed: 5, 9), data.Request(seed: 2, 9), data.Request(seed: 3, 58)], CancellationToken.None);
        if (model == "text" || name is "EU" or "FT")
            using (var taken = batch.Take(1))
                Assert.NotNull(taken);
        else
            Assert.Contains("diverged", Assert.Throws<TrainingDivergedException>(() => batch.Take(1)).Message, StringComparison.Ordinal);
        if (name != "GA" && model != "text")
            return; // the retained rows of these hold the row that is not a number
        using var first = batch.Take(2);
        using var second = other.Take(2);
        Assert.Equal(UnlearningCase.State(first.Model), UnlearningCase.State(second.Model));
    }

    [Theory]
    [MemberData(nameof(CasesWithSteps))]
    public void Watching_changes_nothing(string name, string model)
    {
        using var data = Case(model);
        UnlearningRequest[] requests = [data.Request(seed: 1, 4), data.Request(seed: 2, 7), data.Request(seed: 3, 58)];
        List<(int Step, double Confidence)> steps = [];
        UnlearningRequest[] watched =
        [
            requests[0],
            new(data.Target, data.Recipe, data.Rows, [7], seed: 2) { AfterStep = (step, confidences) => steps.Add((step, Assert.Single(confidences()))) },
            requests[2],
        ];
        using var batch = Find(name).UnlearnMany(requests, CancellationToken.None);
        using var watchedBatch = Find(name).UnlearnMany(watched, CancellationToken.None);
        using var expected = batch.Take(1);
        using var actual = watchedBatch.Take(1);
        Assert.Equal(UnlearningCase.State(expected.Model), UnlearningCase.State(actual.Model));
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(step => step.Step));
        Assert.Equal(data.Confidences(actual.Model)[7], steps[^1].Confidence, 1e-5);
        Assert.NotEqual(steps[0].Confidence, steps[^1].Confidence, 1e-5);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("mlp")]
    [InlineData("cnn")]
    [InlineData("text")]
    [InlineData("lone row")]
    public void Shards_that_lose_different_numbers_of_rows_are_stacked(string model)
    {
        using var data = Case(model);
        var sisa = new Sisa { Shards = 2, Slices = 3 };
        var prepared = 0;
        UnlearningRequest Request(long seed, int first) =>
            new(data.Target, data.Recipe, data.Rows, [.. Enumerable.Range(first, 20)], seed) { AfterPreparation = () => prepared++ };
        using var batch = sisa.UnlearnMany([Request(1, 0), Request(2, 20), Request(3, 40)], CancellationToken.None);
        Assert.Equal(3, prepared);
        using var other = sisa.UnlearnMany([Request(4, 0), Request(5, 13), Request(3, 40)], CancellationToken.None);
        using var ofOther = other.Take(2);
        for (var i = 0; i < Stack; i++)
        {
            using var single = sisa.Unlearn(Request(i + 1, 20 * i), CancellationToken.None);
            using var ofBatch = batch.Take(i);
            Assert.All(UnlearningCase.State(single.Model).Zip(UnlearningCase.State(ofBatch.Model)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            Assert.All(
                UnlearningCase.State(single.Original!).Zip(UnlearningCase.State(ofBatch.Original!)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            if (i == 2)
                Assert.Equal(UnlearningCase.State(ofOther.Model), UnlearningCase.State(ofBatch.Model));
        }
    }

    [Fact]
    public void A_request_that_a_shard_cannot_serve_spoils_no_other()
    {
        using var data = Case("mlp");
        var sisa = new Sisa { Shards = 15, Slices = 2 };
        var all = Enumerable.Range(0, 60).ToArray();
        var refused =
            all.SelectMany(a => all.Where(b => b > a), (a, b) => new UnlearningRequest(data.Target, data.Recipe, data.Rows, [a, b], seed: 2)).First(Refuses);
        var served = new UnlearningRequest(data.Target, data.Recipe, data.Rows, [.. all.Except(refused.Forget).Take(2)], seed: 2);
        using var batch = sisa.UnlearnMany([refused, served], CancellationToken.None);
        Assert.Contains("every row of a shard's first slice", Assert.Throws<ArgumentException>(() => batch.Take(0)).Message, StringComparison.Ordinal);
        using var second = batch.Take(1);
        using var single = sisa.Unlearn(served, CancellationToken.None);
        Assert.All(UnlearningCase.State(single.Model).Zip(UnlearningCase.State(second.Model)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));

        bool Refuses(UnlearningRequest request)
        {
            try
            {
                sisa.Unlearn(request, new CancellationToken(canceled: true));
                return false;
            }
            catch (ArgumentException)
            {
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void Requests_that_do_not_go_together_are_refused()
    {
        using var data = Case("mlp");
        using var other = Case("mlp");
        var failure = Assert.Throws<ArgumentException>(() => new GradientAscent().UnlearnMany([data.Request(1), other.Request(1)], CancellationToken.None));
        Assert.Contains("different targets", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentException>(() => new GradientAscent().UnlearnMany([data.Request(1), data.Request(2, 3)], CancellationToken.None));
        Assert.Contains("forget 1 and 2 rows", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NegGradPlus().UnlearnMany([], CancellationToken.None));
    }

    [Fact]
    public void Models_that_cannot_be_stacked_are_served_one_by_one()
    {
        using var data = UnlearningCase.Normalized();
        var recipe = data.Recipe with { Stack = Stack };
        Assert.Equal(1, new GradientAscent().BatchSize(data.Target, recipe));
        Assert.Contains("BatchNorm2d", Assert.Throws<ArgumentException>(
            () => new GradientAscent().UnlearnMany([new(data.Target, recipe, data.Rows, [1], 1)], CancellationToken.None)).Message, StringComparison.Ordinal);
    }
}
